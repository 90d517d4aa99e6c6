-- The books. Every row is a movement and the sum is the state: version 0 is the first, a later version carries the
-- difference. `month` is what a row is about, `booked` the month of the books it was booked in. No row is ever edited.

-- ---- periods and runs ------------------------------------------------------------------------------

CREATE TABLE period_event (
    region      region NOT NULL,
    month       month NOT NULL,
    round       smallint NOT NULL,                       -- counts the openings: 0 the first, one more for each reopening
    event       period_event_kind NOT NULL,
    officer     text NOT NULL,
    reason      text NOT NULL DEFAULT '',
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (region, month, round, event),
    CHECK (event <> 'reopened' OR (round > 0 AND reason <> '')),
    CHECK (event <> 'opened' OR round = 0)
);

CREATE FUNCTION period_closed(region region, month month) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce((SELECT e.event = 'closed' FROM period_event e WHERE e.region = $1 AND e.month = $2
                     ORDER BY e.round DESC, e.event = 'closed' DESC LIMIT 1), false)
$$;

CREATE FUNCTION period_round(region region, month month) RETURNS smallint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(max(e.round), 0::smallint) FROM period_event e WHERE e.region = $1 AND e.month = $2
$$;

CREATE TABLE run_step (
    region      region NOT NULL,
    month       month NOT NULL,
    round       smallint NOT NULL,
    step        step NOT NULL,
    officer     text NOT NULL,
    law         text NOT NULL,                           -- fingerprint of the rulebook that was run
    summary     jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (region, month, round, step)
);

-- The first month in which `step` is still to be done: what is recorded now is booked there.
CREATE FUNCTION booking_month(region region, step step) RETURNS month LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT min(e.month) FROM period_event e
         WHERE e.region = $1 AND NOT period_closed($1, e.month)
           AND NOT EXISTS (SELECT FROM run_step s WHERE s.region = $1 AND s.month = e.month AND s.step = $2
                           AND s.round = period_round($1, e.month))),
        (SELECT (max(e.month) + interval '1 month')::date FROM period_event e WHERE e.region = $1))
$$;

-- Where a run stands and what became of it; written outside the step's transaction, so it survives a crash.
CREATE TABLE run_log (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region      region NOT NULL,
    month       month NOT NULL,
    step        step,
    event       text NOT NULL,                           -- started, done, failed, waiting
    detail      jsonb NOT NULL DEFAULT '{}',
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX run_log_month ON run_log (region, month, id);

CREATE TABLE dry_run (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region      region NOT NULL,
    month       month NOT NULL,
    officer     text NOT NULL,
    summary     jsonb NOT NULL,
    detail      text NOT NULL,                           -- name of the file with every person's change
    recorded_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION refuse_closed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE closed text;
BEGIN
    SELECT format('%s of region %s', to_char(d.booked, 'YYYY-MM'), d.region) INTO closed
    -- OFFSET 0: else the question is asked of every row before they are made distinct.
    FROM (SELECT DISTINCT region, booked FROM added OFFSET 0) d WHERE period_closed(d.region, d.booked) LIMIT 1;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION 'the month % is closed: % takes no more rows there', closed, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

-- ---- files and what they declared ----------------------------------------------------------------------

CREATE TABLE import_file (
    id          text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{64}$'),   -- SHA-256 of the bytes and of what was said about them
    kind        file_kind NOT NULL,
    name        text NOT NULL,
    region      region NOT NULL,
    area        area NOT NULL,
    booked      month NOT NULL,
    rows        integer NOT NULL,
    accepted    integer NOT NULL,
    adjusted    integer NOT NULL,
    rejected    integer NOT NULL,
    officer     text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CHECK (rows = accepted + adjusted + rejected)
);

CREATE TABLE import_row (                                -- rows that were adjusted or rejected; the accepted stand in the books
    file_id    text NOT NULL REFERENCES import_file,
    row_number integer NOT NULL,
    region     region NOT NULL,
    area       area NOT NULL,
    outcome    outcome NOT NULL,
    reason     text NOT NULL CHECK (reason <> ''),
    detail     text NOT NULL DEFAULT '',
    raw        jsonb NOT NULL,
    PRIMARY KEY (file_id, row_number)
);

-- What an employer declares a person earned. The latest version counts; withdrawn: the line should not have been.
CREATE TABLE declaration (
    month       month NOT NULL,
    person_id   bigint NOT NULL,
    employer_id bigint NOT NULL,
    version     smallint NOT NULL,
    region      region NOT NULL,
    area        area NOT NULL,
    wage        fen NOT NULL CHECK (wage >= 0),
    withdrawn   boolean NOT NULL DEFAULT false,
    booked      month NOT NULL,
    file_id     text NOT NULL,
    row_number  integer NOT NULL,
    PRIMARY KEY (month, person_id, employer_id, version)
) PARTITION BY RANGE (month);
CREATE INDEX declaration_employer ON declaration (employer_id, month);
CREATE INDEX declaration_booked ON declaration (region, booked);

-- ---- contributions and their collection ------------------------------------------------------------------

CREATE TABLE contribution (
    month          month NOT NULL,
    person_id      bigint NOT NULL,
    scheme         scheme NOT NULL,
    version        smallint NOT NULL,
    region         region NOT NULL,
    area           area NOT NULL,
    employer_id    bigint,                               -- none: the person pays alone
    bill           bigint NOT NULL,
    base           fen NOT NULL,
    employee       fen NOT NULL,
    employer       fen NOT NULL,
    account_credit fen NOT NULL,                         -- the part that goes to the individual account once paid
    booked         month NOT NULL,
    PRIMARY KEY (month, person_id, scheme, version, region)   -- who moves may pay in two provinces in a month
) PARTITION BY RANGE (month);
CREATE INDEX contribution_bill ON contribution (bill, region);

CREATE TABLE bill (
    region      region NOT NULL,
    number      bigint NOT NULL,                         -- gapless in the region
    area        area NOT NULL,
    month       month NOT NULL,
    booked      month NOT NULL,
    kind        bill_kind NOT NULL,
    employer_id bigint REFERENCES employer,
    person_id   bigint REFERENCES person,
    reference   text NOT NULL UNIQUE,                    -- what the payer quotes to the bank
    due_on      date NOT NULL,
    amount      fen NOT NULL,                            -- 0: only a base changed, or what is owed moved between people
    about       bigint,                                  -- the bill a late fee or a correction is about
    PRIMARY KEY (region, number),
    CHECK (num_nonnulls(employer_id, person_id) = 1)
);
CREATE INDEX bill_employer ON bill (employer_id, month) WHERE employer_id IS NOT NULL;
CREATE INDEX bill_person ON bill (person_id, month) WHERE person_id IS NOT NULL;
CREATE INDEX bill_booked ON bill (region, booked);

CREATE TABLE bill_line (
    region         region NOT NULL,
    number         bigint NOT NULL,
    scheme         scheme NOT NULL,
    area           area NOT NULL,
    booked         month NOT NULL,
    employee       fen NOT NULL,
    employer       fen NOT NULL,
    account_credit fen NOT NULL,
    late_fee       fen NOT NULL DEFAULT 0,
    PRIMARY KEY (region, number, scheme),
    FOREIGN KEY (region, number) REFERENCES bill
);

CREATE TABLE receipt (
    region      region NOT NULL,
    id          text NOT NULL,                           -- the bank's own reference of the entry, within its account
    area        area NOT NULL,
    booked      month NOT NULL,
    value_date  date NOT NULL,
    amount      fen NOT NULL CHECK (amount > 0),
    reference   text NOT NULL,
    employer_id bigint REFERENCES employer,              -- neither: nobody recognised, held in suspense
    person_id   bigint REFERENCES person,
    file_id     text NOT NULL REFERENCES import_file,
    PRIMARY KEY (region, id),
    CHECK (num_nonnulls(employer_id, person_id) <= 1)
);
CREATE INDEX receipt_employer ON receipt (employer_id) WHERE employer_id IS NOT NULL;
CREATE INDEX receipt_person ON receipt (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX receipt_booked ON receipt (region, booked);

-- Who had paid money held in suspense, found out by an officer. From then on it is that payer's, until a later version
-- says that it was not.
CREATE TABLE receipt_assignment (
    region      region NOT NULL,
    receipt     text NOT NULL,
    version     smallint NOT NULL,
    area        area NOT NULL,
    booked      month NOT NULL,
    employer_id bigint REFERENCES employer,              -- neither: taken back, in suspense again
    person_id   bigint REFERENCES person,
    officer     text NOT NULL,
    reason      text NOT NULL CHECK (reason <> ''),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (region, receipt, version),
    FOREIGN KEY (region, receipt) REFERENCES receipt,
    CHECK (num_nonnulls(employer_id, person_id) <= 1)
);

-- Money set against a bill, or taken from it again. A payer's receipts less its allocations is its prepayment; a
-- negative bill adds to it.
CREATE TABLE allocation (
    region  region NOT NULL,
    number  bigint NOT NULL,
    version smallint NOT NULL,
    area    area NOT NULL,
    booked  month NOT NULL,
    value_date date NOT NULL,                            -- the day from which the money counts as paid
    amount  fen NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (region, number, version),
    FOREIGN KEY (region, number) REFERENCES bill
);
CREATE INDEX allocation_booked ON allocation (region, booked);

-- The month in whose books a bill was fully covered: then, and not before, its contributions count.
CREATE TABLE bill_settlement (
    region  region NOT NULL,
    number  bigint NOT NULL,
    area    area NOT NULL,
    booked  month NOT NULL,
    PRIMARY KEY (region, number),
    FOREIGN KEY (region, number) REFERENCES bill
);
CREATE INDEX bill_settlement_booked ON bill_settlement (region, booked);

-- ---- individual accounts -----------------------------------------------------------------------------------

-- What moves an individual account without being paid to anybody.
CREATE TABLE account_movement (
    month     month NOT NULL,
    person_id bigint NOT NULL,
    scheme    scheme NOT NULL,
    kind      account_entry_kind NOT NULL CHECK (kind NOT IN ('drawdown', 'inheritance', 'refund')),
    version   smallint NOT NULL,
    region    region NOT NULL,
    area      area NOT NULL,
    amount    fen NOT NULL,
    booked    month NOT NULL,
    PRIMARY KEY (month, person_id, scheme, kind, version, region)
) PARTITION BY RANGE (month);
-- Rows come in the order of their booking: so little an index finds what a statement of the year did not know yet.
CREATE INDEX account_movement_booked ON account_movement USING brin (booked);

-- The yearly statement: opening + credits − withdrawals + interest = closing. A later version corrects the whole line
-- (it is a statement of a state, not a movement); the movement is the account entry of kind interest.
CREATE TABLE account_year (
    year        smallint NOT NULL,
    person_id   bigint NOT NULL,
    scheme      scheme NOT NULL,
    version     smallint NOT NULL,
    region      region NOT NULL,
    area        area NOT NULL,
    opening     fen NOT NULL,
    credits     fen NOT NULL,
    withdrawals fen NOT NULL,
    interest    fen NOT NULL,
    closing     fen NOT NULL,
    provisional boolean NOT NULL,
    booked      month NOT NULL,
    PRIMARY KEY (year, person_id, scheme, version, region),
    CHECK (closing = opening + credits - withdrawals + interest)
);

-- ---- claims, awards, entitlements ------------------------------------------------------------------------------

CREATE TABLE claim (
    region      region NOT NULL,
    number      bigint NOT NULL,
    area        area NOT NULL,
    person_id   bigint NOT NULL REFERENCES person,
    benefit     benefit NOT NULL,
    claimed_on  date NOT NULL,
    booked      month NOT NULL,
    facts       jsonb NOT NULL DEFAULT '{}',
    bank_account_id bigint REFERENCES bank_account,
    source      text NOT NULL,
    PRIMARY KEY (region, number)
);
CREATE INDEX claim_booked ON claim (region, booked);
CREATE INDEX claim_person ON claim (person_id);

-- A decision, with the facts it rests on and the law's tree of reasons. A later version replaces an earlier.
CREATE TABLE award (
    region      region NOT NULL,
    person_id   bigint NOT NULL REFERENCES person,
    benefit     benefit NOT NULL,
    version     smallint NOT NULL,
    area        area NOT NULL,
    month       month NOT NULL,                          -- the law's month
    booked      month NOT NULL,
    amount      fen NOT NULL,
    provisional boolean NOT NULL DEFAULT false,
    granted     boolean NOT NULL DEFAULT true,
    reason      text NOT NULL,                           -- why now: claim, age, recalculation, corrected facts, death …
    claim       bigint,
    facts       jsonb NOT NULL,
    tree        jsonb NOT NULL,
    law         text NOT NULL,
    PRIMARY KEY (person_id, benefit, version)
);
CREATE INDEX award_booked ON award (region, booked);
CREATE INDEX award_provisional ON award (region, month) WHERE provisional;

-- What is due to a person month by month (a lump sum: one month). Superseded rows tell what was due as then known.
CREATE TABLE entitlement (
    person_id       bigint NOT NULL REFERENCES person,
    benefit         benefit NOT NULL,
    version         smallint NOT NULL,
    region          region NOT NULL,
    area            area NOT NULL,
    valid           daterange NOT NULL CHECK (NOT isempty(valid)),   -- whole months
    known           tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    booked          month NOT NULL,
    superseded_in   month,
    amount          fen NOT NULL CHECK (amount >= 0),                -- a month
    account_part    fen NOT NULL DEFAULT 0 CHECK (account_part >= 0),
    components      jsonb NOT NULL,                                  -- name → fen, adding up to amount
    award_version   smallint,                                        -- none: taken over from before the books
    bank_account_id bigint REFERENCES bank_account,                  -- whom else than the person's own account
    scheme          scheme,                                          -- whose fund pays; none: the one the benefit is of by itself
    reason          text NOT NULL,
    PRIMARY KEY (person_id, benefit, version),
    CONSTRAINT entitlement_overlap EXCLUDE USING gist (person_id WITH =, benefit WITH =, valid WITH &&) WHERE (upper_inf(known))
);
CREATE INDEX entitlement_booked ON entitlement (region, booked);
CREATE INDEX entitlement_superseded ON entitlement (region, superseded_in) WHERE superseded_in IS NOT NULL;

-- ---- payments --------------------------------------------------------------------------------------------------------

CREATE TABLE payment_batch (
    region      region NOT NULL,
    number      bigint NOT NULL,                         -- gapless in the region
    area        area NOT NULL,
    booked      month NOT NULL,
    scheme      scheme NOT NULL,
    message_id  text NOT NULL UNIQUE,
    executes_on date NOT NULL,
    lines       bigint NOT NULL CHECK (lines > 0),
    amount      fen NOT NULL CHECK (amount > 0),
    proposed_by text NOT NULL,
    PRIMARY KEY (region, number)
);
CREATE INDEX payment_batch_booked ON payment_batch (region, booked);

CREATE TABLE batch_event (
    region      region NOT NULL,
    number      bigint NOT NULL,
    event       batch_event_kind NOT NULL,
    area        area NOT NULL,
    officer     text NOT NULL,
    booked      month NOT NULL,
    detail      text NOT NULL DEFAULT '',                -- sent: SHA-256 of the file
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (region, number, event),
    FOREIGN KEY (region, number) REFERENCES payment_batch
);

-- The funds' own accounts at the banks: income 收入户, fiscal 财政专户, expenditure 支出户.
CREATE TABLE fund_account (
    region    region NOT NULL,
    scheme    scheme NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('income', 'fiscal', 'expenditure')),
    version   smallint NOT NULL DEFAULT 0,               -- the latest counts
    area      area NOT NULL,
    holder    text NOT NULL CHECK (holder <> ''),
    bank_code text NOT NULL CHECK (bank_code ~ '^[0-9]{12}$'),
    number    text NOT NULL CHECK (number ~ '^[0-9]{8,30}$'),
    PRIMARY KEY (region, scheme, kind, version)
);

-- What is due less what was booked, per person × benefit × month. Negative: paid too much, a receivable.
CREATE TABLE payment (
    month           month NOT NULL,
    person_id       bigint NOT NULL,
    benefit         benefit NOT NULL,
    version         smallint NOT NULL,
    scheme          scheme NOT NULL,
    region          region NOT NULL,
    area            area NOT NULL,
    booked          month NOT NULL,
    amount          fen NOT NULL,
    account_part    fen NOT NULL DEFAULT 0,              -- taken from the individual account, the rest from the pooled fund
    withheld        fen NOT NULL DEFAULT 0 CHECK (withheld >= 0 AND withheld <= greatest(amount, 0)),  -- towards a receivable
    bank_account_id bigint,
    batch           bigint,                              -- none: negative, all withheld, or no account is known yet
    PRIMARY KEY (month, person_id, benefit, version),
    CHECK (amount <> 0 OR account_part <> 0),
    CHECK (batch IS NULL OR amount > withheld),
    CHECK ((batch IS NULL) = (bank_account_id IS NULL)),
    CHECK (account_part = 0 OR benefit IN (
        'employee_pension', 'resident_pension', 'account_inheritance', 'account_refund', 'contribution_refund',
        'resident_account_refund', 'resident_account_inheritance'))
) PARTITION BY RANGE (month);
-- Rows come in the order of their booking: so little an index finds what was booked late.
CREATE INDEX payment_booked ON payment USING brin (booked);
-- The lines of a batch are written together, so the smallest of indexes finds them.
CREATE INDEX payment_batch_lines ON payment USING brin (batch);
-- Due, booked as payable, and waiting for an account to pay it to.
CREATE INDEX payment_waiting ON payment (region, person_id) WHERE batch IS NULL AND amount > withheld;

-- Every entry of an individual account: what a payment takes from it stands in the payment, and nowhere else.
CREATE VIEW account_entry WITH (security_invoker) AS
    SELECT month, person_id, scheme, kind, version, region, area, amount, booked FROM account_movement
    UNION ALL
    SELECT month, person_id, scheme,
           (CASE WHEN benefit IN ('account_inheritance', 'resident_account_inheritance') THEN 'inheritance'
                 WHEN benefit IN ('account_refund', 'contribution_refund', 'resident_account_refund') THEN 'refund'
                 ELSE 'drawdown' END)::account_entry_kind,
           version, region, area, (-account_part)::fen, booked
    FROM payment WHERE account_part <> 0;

CREATE TABLE payment_return (
    month     month NOT NULL,
    person_id bigint NOT NULL,
    benefit   benefit NOT NULL,
    version   smallint NOT NULL,
    attempt   smallint NOT NULL CHECK (attempt > 0),
    region    region NOT NULL,
    area      area NOT NULL,
    booked    month NOT NULL,
    kind      return_kind NOT NULL,
    amount    fen NOT NULL CHECK (amount > 0),
    reason    text NOT NULL,
    file_id   text NOT NULL REFERENCES import_file,
    PRIMARY KEY (month, person_id, benefit, version, attempt)
);
CREATE INDEX payment_return_booked ON payment_return (region, booked);

-- A line that did not reach its payee, sent anew; or, without a batch, set against what the payee owes.
CREATE TABLE payment_retry (
    month           month NOT NULL,
    person_id       bigint NOT NULL,
    benefit         benefit NOT NULL,
    version         smallint NOT NULL,
    attempt         smallint NOT NULL CHECK (attempt > 1),
    region          region NOT NULL,
    area            area NOT NULL,
    booked          month NOT NULL,
    amount          fen NOT NULL CHECK (amount > 0),
    bank_account_id bigint REFERENCES bank_account,
    batch           bigint,
    PRIMARY KEY (month, person_id, benefit, version, attempt),
    FOREIGN KEY (region, batch) REFERENCES payment_batch (region, number),
    CHECK ((batch IS NULL) = (bank_account_id IS NULL))
);
CREATE INDEX payment_retry_batch ON payment_retry (region, batch);

CREATE TABLE receivable (
    region      region NOT NULL,
    number      bigint NOT NULL,
    area        area NOT NULL,
    booked      month NOT NULL,
    person_id   bigint NOT NULL REFERENCES person,
    benefit     benefit NOT NULL,
    scheme      scheme NOT NULL,
    amount      fen NOT NULL CHECK (amount > 0),
    reason      text NOT NULL,
    PRIMARY KEY (region, number)
);
CREATE INDEX receivable_person ON receivable (person_id);
CREATE INDEX receivable_booked ON receivable (region, booked);

-- What was agreed to be withheld a month at most; the latest version counts. Without a plan nothing is withheld.
CREATE TABLE instalment_plan (
    region     region NOT NULL,
    number     bigint NOT NULL,
    version    smallint NOT NULL,
    area       area NOT NULL,
    booked     month NOT NULL,
    instalment fen NOT NULL CHECK (instalment >= 0),
    officer    text NOT NULL,
    source     text NOT NULL CHECK (source <> ''),
    PRIMARY KEY (region, number, version),
    FOREIGN KEY (region, number) REFERENCES receivable
);

CREATE TABLE recovery (
    region  region NOT NULL,
    number  bigint NOT NULL,
    version smallint NOT NULL,
    area    area NOT NULL,
    booked  month NOT NULL,
    kind    recovery_kind NOT NULL,
    amount  fen NOT NULL CHECK (amount > 0),
    detail  text NOT NULL DEFAULT '',
    PRIMARY KEY (region, number, version),
    FOREIGN KEY (region, number) REFERENCES receivable
);
CREATE INDEX recovery_booked ON recovery (region, booked);

-- ---- between provinces ------------------------------------------------------------------------------------------------

-- A person's relation moving from one province to another (or between schemes within one): the facts of the move.
CREATE TABLE transfer (
    id           text PRIMARY KEY,                       -- person number, month and both ends
    person_id    bigint NOT NULL REFERENCES person,
    from_region  region NOT NULL,
    to_region    region NOT NULL,
    from_scheme  scheme NOT NULL,
    to_scheme    scheme NOT NULL,
    requested_on date NOT NULL,
    source       text NOT NULL,
    CHECK (from_region <> to_region OR from_scheme <> to_scheme)
);
CREATE INDEX transfer_person ON transfer (person_id);

CREATE TABLE transfer_leg (
    transfer     text NOT NULL REFERENCES transfer,
    side         text NOT NULL CHECK (side IN ('out', 'in')),
    region       region NOT NULL,
    area         area NOT NULL,
    booked       month NOT NULL,
    account      fen NOT NULL,                           -- negative in a supplement: so much was sent too much
    pooled       fen NOT NULL,
    months       smallint NOT NULL,
    career       jsonb NOT NULL,                         -- the record that goes along
    PRIMARY KEY (transfer, side)
);
CREATE INDEX transfer_leg_booked ON transfer_leg (region, booked);

-- What the nation lays down for a province and month: advances, final amounts. Positive: the province receives.
CREATE TABLE pooling_plan (
    region  region NOT NULL,
    month   month NOT NULL,
    kind    text NOT NULL CHECK (kind IN ('advance', 'clearing')),
    version smallint NOT NULL DEFAULT 0,
    area    area NOT NULL,
    booked  month NOT NULL,
    amount  fen NOT NULL,
    source  text NOT NULL,
    PRIMARY KEY (region, month, kind, version)
);

-- What the central adjustment of 2018 to 2021 is reckoned from, a year: of a province, or of the nation (region 0).
CREATE TABLE pooling_fact (
    region  region NOT NULL,
    year    smallint NOT NULL,
    name    text NOT NULL CHECK (name ~ '^[a-z_]+$'),    -- a fact of the law's room `pooling`
    version smallint NOT NULL DEFAULT 0,
    area    area NOT NULL,
    value   text NOT NULL CHECK (value ~ '^[0-9]+(\.[0-9]+)?$'),
    source  text NOT NULL CHECK (source <> ''),
    PRIMARY KEY (region, year, name, version)
);

CREATE TABLE close_check (
    region  region NOT NULL,
    month   month NOT NULL,
    round   smallint NOT NULL,
    name    text NOT NULL,
    passed  boolean NOT NULL,
    ours    fen,
    theirs  fen,
    detail  text NOT NULL DEFAULT '',
    PRIMARY KEY (region, month, round, name)
);

-- ---- guards -----------------------------------------------------------------------------------------------------------

CREATE FUNCTION guard_books(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER append_only_all BEFORE TRUNCATE ON %I EXECUTE FUNCTION refuse_change()', name);
    IF EXISTS (SELECT FROM information_schema.columns c WHERE c.table_schema = current_schema() AND c.table_name = name AND c.column_name = 'booked') THEN
        EXECUTE format('CREATE TRIGGER closed_month AFTER INSERT ON %I REFERENCING NEW TABLE AS added '
                       'FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed()', name);
    END IF;
END $$;

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY[
        'period_event', 'run_step', 'run_log', 'dry_run', 'import_file', 'import_row', 'declaration', 'contribution',
        'bill', 'bill_line', 'receipt', 'receipt_assignment', 'allocation', 'bill_settlement', 'account_movement',
        'account_year', 'claim', 'award', 'payment_batch', 'batch_event', 'fund_account', 'payment', 'payment_return', 'payment_retry', 'receivable',
        'instalment_plan', 'recovery', 'transfer', 'transfer_leg', 'pooling_plan', 'pooling_fact', 'close_check'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', t);
        PERFORM guard_books(t);
    END LOOP;
    CREATE TRIGGER only_supersede BEFORE UPDATE ON entitlement FOR EACH ROW EXECUTE FUNCTION only_supersede();
    CREATE TRIGGER append_only BEFORE DELETE ON entitlement FOR EACH ROW EXECUTE FUNCTION refuse_change();
    PERFORM guard_books('entitlement');
END $$;

-- Nothing leaves for the bank before another officer than the proposer, with the duty to approve, has said so.
CREATE FUNCTION second_officer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE proposer text := (SELECT b.proposed_by FROM payment_batch b WHERE b.region = NEW.region AND b.number = NEW.number);
BEGIN
    IF NEW.event IN ('approved', 'refused') THEN
        IF NEW.officer = proposer THEN
            RAISE EXCEPTION 'batch % of region % was proposed by %: a second officer must approve', NEW.number, NEW.region, proposer
                USING ERRCODE = 'check_violation';
        END IF;
        IF NOT EXISTS (SELECT FROM officer o WHERE o.id = NEW.officer AND 'approve' = ANY (o.duties)) THEN
            RAISE EXCEPTION '% has no duty to approve payments', NEW.officer USING ERRCODE = 'check_violation';
        END IF;
    ELSIF NOT EXISTS (SELECT FROM batch_event e WHERE e.region = NEW.region AND e.number = NEW.number AND e.event = 'approved')
       OR EXISTS (SELECT FROM batch_event e WHERE e.region = NEW.region AND e.number = NEW.number AND e.event = 'refused') THEN
        RAISE EXCEPTION 'batch % of region % has not been approved', NEW.number, NEW.region USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER second_officer BEFORE INSERT ON batch_event FOR EACH ROW EXECUTE FUNCTION second_officer();

-- A month of every table that is kept by months.
CREATE FUNCTION ensure_month(month month) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE t text; part text;
BEGIN
    IF month < DATE '1990-01-01' OR month >= DATE '2151-01-01' THEN
        RAISE EXCEPTION 'no books are kept for %', to_char(month, 'YYYY-MM') USING ERRCODE = 'datetime_field_overflow';
    END IF;
    FOREACH t IN ARRAY ARRAY['declaration', 'contribution', 'account_movement', 'payment'] LOOP
        part := t || to_char(month, '_YYYY_MM');
        CONTINUE WHEN to_regclass(part) IS NOT NULL;
        PERFORM pg_advisory_xact_lock(hashtext('ensure_month'));
        CONTINUE WHEN to_regclass(part) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', part, t, month, month + interval '1 month');
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
        -- Bulk rows are copied straight into their month: through the parent COPY takes twice as long.
        EXECUTE format('GRANT SELECT, INSERT ON %I TO shebao_run', part);
        PERFORM guard_books(part);
    END LOOP;
END $$;

-- What the planner knows of a month, renewed after a step has filled it: else the next step is planned for empty tables.
-- Only of what has grown since it was last looked at.
CREATE FUNCTION refresh_statistics(month month) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE part text := to_char(month, '_YYYY_MM'); grown regclass;
BEGIN
    FOR grown IN
        SELECT oid FROM pg_class
        WHERE relnamespace = 'public'::regnamespace
          AND relname = ANY (ARRAY['declaration' || part, 'contribution' || part, 'account_movement' || part, 'payment' || part,
                                   'bill', 'bill_line', 'allocation', 'bill_settlement', 'award', 'entitlement'])
          AND pg_relation_size(oid) > relpages * current_setting('block_size')::bigint LOOP
        EXECUTE format('ANALYZE %s', grown);
    END LOOP;
END $$;
