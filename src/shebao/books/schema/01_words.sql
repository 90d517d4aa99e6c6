-- The words of the books. The roles are there already (books/server.py makes them, for a restored database too).

CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

SET LOCAL ROLE shebao_owner;

-- ---- the words ---------------------------------------------------------------------------------

CREATE TYPE scheme AS ENUM (
    'employee_pension', 'resident_pension', 'public_pension', 'unemployment', 'work_injury',
    'medical', 'maternity', 'resident_medical', 'occupational_annuity', 'enterprise_annuity', 'occupational_injury',
    'collection');  -- no insurance: the clearing account of collected money that no bill has absorbed yet
CREATE TYPE sex AS ENUM ('male', 'female');
CREATE TYPE category AS ENUM ('men60', 'women55', 'women50');
CREATE TYPE employer_size AS ENUM ('micro_small_medium', 'large', 'public_body');
-- How a person takes part: the employer declares, or the person pays alone, or draws.
CREATE TYPE participation_kind AS ENUM ('employee', 'flexible', 'resident', 'temporary', 'retired');
CREATE TYPE life_event_kind AS ENUM ('death', 'emigration', 'conversion', 'relation_ended');
CREATE TYPE outcome AS ENUM ('accepted', 'adjusted', 'rejected');
CREATE TYPE file_kind AS ENUM ('payroll', 'persons', 'bank_statement', 'bank_status', 'pooling_plan');
CREATE TYPE bill_kind AS ENUM ('regular', 'correction', 'assessed', 'assessed_reversal', 'late_fee', 'reversal');
CREATE TYPE account_entry_kind AS ENUM (
    'opening', 'contribution', 'interest', 'drawdown', 'transfer_in', 'transfer_out', 'inheritance', 'refund');
CREATE TYPE benefit AS ENUM (
    'employee_pension', 'resident_pension', 'funeral_grant', 'survivor_grant', 'account_inheritance', 'account_refund',
    'contribution_refund', 'resident_account_refund', 'resident_account_inheritance');
CREATE TYPE batch_event_kind AS ENUM ('approved', 'refused', 'sent', 'accepted', 'settled');
CREATE TYPE return_kind AS ENUM ('rejected', 'returned');
CREATE TYPE recovery_kind AS ENUM ('withheld', 'received', 'cancelled');
CREATE TYPE period_event_kind AS ENUM ('opened', 'closed', 'reopened');
CREATE TYPE step AS ENUM ('collect', 'credit', 'award', 'adjust', 'pay', 'pool', 'close');
CREATE TYPE duty AS ENUM ('look', 'register', 'run', 'approve', 'reopen');
CREATE TYPE account_kind AS ENUM ('asset', 'liability', 'income', 'expense', 'fund');

-- A month is its first day.
CREATE DOMAIN month AS date CHECK (extract(day FROM VALUE) = 1);
CREATE DOMAIN fen AS bigint;
-- GB/T 2260 province code; 0 is the nation.
CREATE DOMAIN region AS smallint CHECK (VALUE = 0 OR VALUE BETWEEN 11 AND 65);
-- 12-digit division code of the place that manages the row: province, city, county, town, village.
CREATE DOMAIN area AS bigint CHECK (VALUE >= 0 AND VALUE < 1000000000000);

-- ---- guards used by the tables -------------------------------------------------------------------

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: a mistake is corrected by a new row', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

-- A fact may only be superseded: its known period closed, once, and nothing else touched.
CREATE FUNCTION only_supersede() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before jsonb := to_jsonb(OLD) - 'known' - 'superseded_in'; after jsonb := to_jsonb(NEW) - 'known' - 'superseded_in';
BEGIN
    IF before IS DISTINCT FROM after OR NOT upper_inf(OLD.known) OR upper_inf(NEW.known)
        OR lower(NEW.known) IS DISTINCT FROM lower(OLD.known) THEN
        RAISE EXCEPTION 'a row of % is never edited: supersede it and record a new one', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
