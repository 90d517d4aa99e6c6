-- Who may see and do what. An officer sees the rows managed by the area of the office, and by the offices below it.

CREATE TABLE entered_session (
    pid           integer NOT NULL,
    backend_start timestamptz NOT NULL,
    officer       text NOT NULL REFERENCES officer,
    PRIMARY KEY (pid, backend_start)
);

-- The officer proves who it is with a key; the database itself remembers for the rest of the connection. What the
-- application says later (a setting, a role) cannot widen it.
CREATE FUNCTION enter_session(officer text, key text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE began timestamptz := (SELECT a.backend_start FROM pg_stat_activity a WHERE a.pid = pg_backend_pid());
BEGIN
    IF NOT EXISTS (SELECT FROM officer o WHERE o.id = $1 AND o.key_hash = sha256(convert_to($2, 'UTF8'))) THEN
        RAISE EXCEPTION 'officer % is not known with this key', $1 USING ERRCODE = 'invalid_password';
    END IF;
    DELETE FROM entered_session s WHERE s.pid = pg_backend_pid();
    INSERT INTO entered_session VALUES (pg_backend_pid(), began, $1);
END $$;

CREATE FUNCTION my_officer() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.officer FROM entered_session s JOIN pg_stat_activity a ON a.pid = s.pid AND a.backend_start = s.backend_start
    WHERE s.pid = pg_backend_pid()
$$;

-- The range of division codes of the entered officer's office: half-open; empty when nobody has entered.
CREATE FUNCTION my_areas() RETURNS int8range LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT int8range(o.area, o.area + CASE o.level WHEN 1 THEN 10000000000 WHEN 2 THEN 100000000
                                                       WHEN 3 THEN 1000000 WHEN 4 THEN 1000 ELSE 1 END)
                     FROM officer f JOIN office o ON o.area = f.area WHERE f.id = my_officer()), 'empty')
$$;

DO $$
DECLARE t record;
BEGIN
    FOR t IN SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND EXISTS (
                 SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'area') AND c.relname <> 'office' LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t.name);
        EXECUTE format('CREATE POLICY own_area ON %I TO shebao_app USING (area >= lower((SELECT my_areas())) AND area < upper((SELECT my_areas()))) '
                       'WITH CHECK (area >= lower((SELECT my_areas())) AND area < upper((SELECT my_areas())))', t.name);
    END LOOP;
END $$;

-- Tables without an area of their own are seen through a row that has one. OFFSET 0: else looking one person up reads
-- the records of all.
ALTER TABLE person ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_area ON person FOR SELECT TO shebao_app USING (EXISTS (SELECT FROM person_record r WHERE r.person_id = id OFFSET 0));
CREATE POLICY register ON person FOR INSERT TO shebao_app WITH CHECK (NOT isempty((SELECT my_areas())));
ALTER TABLE employer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_area ON employer FOR SELECT TO shebao_app USING (EXISTS (SELECT FROM employer_record r WHERE r.employer_id = id OFFSET 0));
CREATE POLICY register ON employer FOR INSERT TO shebao_app WITH CHECK (NOT isempty((SELECT my_areas())));
ALTER TABLE transfer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_area ON transfer FOR SELECT TO shebao_app USING (EXISTS (SELECT FROM person p WHERE p.id = person_id));
CREATE POLICY register ON transfer FOR INSERT TO shebao_app WITH CHECK (EXISTS (SELECT FROM person p WHERE p.id = person_id));
ALTER TABLE look ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON look FOR SELECT TO shebao_app USING (EXISTS (SELECT FROM person p WHERE p.id = person_id));
CREATE POLICY own_look ON look FOR INSERT TO shebao_app WITH CHECK (officer = (SELECT my_officer()) AND EXISTS (SELECT FROM person p WHERE p.id = person_id));
-- Postings carry no area: only an office of the province sees its journal.
ALTER TABLE journal_entry ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_region ON journal_entry FOR SELECT TO shebao_app USING (int8range(region * 10000000000, (region + 1) * 10000000000) <@ (SELECT my_areas()));
ALTER TABLE posting ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_region ON posting FOR SELECT TO shebao_app USING (int8range(region * 10000000000, (region + 1) * 10000000000) <@ (SELECT my_areas()));
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['run_log', 'dry_run', 'close_check'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own_region ON %I FOR SELECT TO shebao_app USING '
                       '(int8range(region * 10000000000, (region + 1) * 10000000000) <@ (SELECT my_areas()))', t);
    END LOOP;
END $$;
ALTER TABLE officer ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own_area ON officer;
CREATE POLICY self ON officer FOR SELECT TO shebao_app USING (id = (SELECT my_officer()));

-- ---- grants ---------------------------------------------------------------------------------------

SET LOCAL ROLE NONE;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, shebao_run, shebao_app;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO shebao_run, shebao_app;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO shebao_run;
GRANT EXECUTE ON FUNCTION enter_session, my_officer, my_areas, period_closed, period_round, booking_month TO shebao_app;

-- The run reads and adds; the only change it may make is to supersede a fact.
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO shebao_run;
REVOKE ALL ON entered_session, django_migrations FROM shebao_run;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO shebao_run;
GRANT UPDATE (known, superseded_in) ON person_record, employer_record, participation, life_event, career, entitlement TO shebao_run;
GRANT UPDATE (known) ON household_member, bank_account TO shebao_run;

-- The services read what the officer may see, and record facts, claims and files; they never write the books.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO shebao_app;
REVOKE ALL ON entered_session FROM shebao_app;
REVOKE SELECT ON officer FROM shebao_app;
GRANT SELECT (id, name, area, duties) ON officer TO shebao_app;
GRANT INSERT ON person, person_record, household, household_member, employer, employer_record, bank_account, participation,
    life_event, claim, look, transfer TO shebao_app;
GRANT UPDATE (known, superseded_in) ON person_record, employer_record, participation, life_event TO shebao_app;
GRANT UPDATE (known) ON household_member, bank_account TO shebao_app;
GRANT USAGE ON SEQUENCE person_id_seq, household_id_seq, employer_id_seq, bank_account_id_seq, look_id_seq TO shebao_app;

SET LOCAL ROLE shebao_owner;

-- ---- what is known now -------------------------------------------------------------------------------

CREATE VIEW person_now WITH (security_invoker) AS
    SELECT p.number, r.* FROM person p JOIN person_record r ON r.person_id = p.id WHERE upper_inf(r.known);
CREATE VIEW employer_now WITH (security_invoker) AS
    SELECT e.credit_code, r.* FROM employer e JOIN employer_record r ON r.employer_id = e.id WHERE upper_inf(r.known);
CREATE VIEW participation_now WITH (security_invoker) AS SELECT * FROM participation WHERE upper_inf(known);
CREATE VIEW entitlement_now WITH (security_invoker) AS SELECT * FROM entitlement WHERE upper_inf(known);
CREATE VIEW bank_account_now WITH (security_invoker) AS SELECT * FROM bank_account WHERE upper_inf(known);
-- Whose the money is that was assigned, and not taken back since.
CREATE VIEW receipt_assignment_now WITH (security_invoker) AS
    SELECT * FROM (SELECT DISTINCT ON (region, receipt) * FROM receipt_assignment ORDER BY region, receipt, version DESC) a
    WHERE num_nonnulls(employer_id, person_id) = 1;
GRANT SELECT ON person_now, employer_now, participation_now, entitlement_now, bank_account_now, receipt_assignment_now TO shebao_run, shebao_app;
SET LOCAL ROLE NONE;
