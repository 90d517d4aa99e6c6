-- The journal: double entry, append-only. An entry balances, and is sealed with the transaction that wrote it.

CREATE TABLE ledger_account (
    code    text PRIMARY KEY,                            -- region.scheme.name, as in 44.employee_pension.bank
    region  region NOT NULL,
    scheme  scheme NOT NULL,
    name    text NOT NULL,
    kind    account_kind NOT NULL,
    CHECK (code = region || '.' || scheme || '.' || name)
);

CREATE TABLE journal_entry (
    region      region NOT NULL,
    number      bigint NOT NULL,                         -- gapless in the region
    booked      month NOT NULL,
    key         text NOT NULL UNIQUE,                    -- the same event cannot be booked twice
    step        text NOT NULL,
    text        text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    recorded_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (region, number)
);
CREATE INDEX journal_entry_booked ON journal_entry (region, booked);

CREATE TABLE posting (
    region  region NOT NULL,
    number  bigint NOT NULL,
    line    smallint NOT NULL,
    account text NOT NULL REFERENCES ledger_account,
    amount  fen NOT NULL CHECK (amount <> 0),            -- debit positive, credit negative
    PRIMARY KEY (region, number, line),
    FOREIGN KEY (region, number) REFERENCES journal_entry
);
CREATE INDEX posting_account ON posting (account, region, number);

CREATE FUNCTION entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found record;
BEGIN
    SELECT count(*) AS lines, coalesce(sum(p.amount), 0) AS total INTO found
    FROM posting p WHERE p.region = NEW.region AND p.number = NEW.number;
    IF found.lines < 2 OR found.total <> 0 THEN
        RAISE EXCEPTION 'entry % (region %, %) does not balance: % postings, difference % fen',
            NEW.number, NEW.region, NEW.key, found.lines, found.total USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER balances AFTER INSERT ON journal_entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION entry_balances();

CREATE FUNCTION entry_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found record;
BEGIN
    SELECT e.recorded_in = pg_current_xact_id() AS own, a.region = NEW.region AS home INTO found
    FROM journal_entry e, ledger_account a
    WHERE e.region = NEW.region AND e.number = NEW.number AND a.code = NEW.account;
    IF found.own IS DISTINCT FROM true THEN
        RAISE EXCEPTION 'entry % of region % is sealed: book a new one', NEW.number, NEW.region USING ERRCODE = 'restrict_violation';
    ELSIF NOT found.home THEN
        RAISE EXCEPTION 'account % is not of region %', NEW.account, NEW.region USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER entry_is_open BEFORE INSERT ON posting FOR EACH ROW EXECUTE FUNCTION entry_is_open();

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['ledger_account', 'journal_entry', 'posting'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', t);
        PERFORM guard_books(t);
    END LOOP;
END $$;
