-- Contacts, clients and people, made up: variables contacts, clients, people, seed. Most contacts are lawful; one in some hundreds is not.
CREATE OR REPLACE MACRO roll(n, salt, k) AS (hash(n, salt, getvariable('seed')) % k)::BIGINT;

CREATE OR REPLACE TEMP TABLE zones AS
SELECT row_number() OVER () - 1 AS z, zone, state, utc_offset FROM (VALUES
  ('America/New_York', 'NY', '-05:00'), ('America/New_York', 'MA', '-05:00'), ('America/New_York', 'GA', '-05:00'),
  ('America/Chicago', 'IL', '-06:00'), ('America/Chicago', 'TX', '-06:00'), ('America/Denver', 'CO', '-07:00'),
  ('America/Phoenix', 'AZ', '-07:00'), ('America/Los_Angeles', 'CA', '-08:00'), ('America/Los_Angeles', 'WA', '-08:00'),
  ('Pacific/Honolulu', 'HI', '-10:00')
) AS t(zone, state, utc_offset);

CREATE OR REPLACE TEMP TABLE people AS
SELECT printf('AE-%05d', n) AS person_id, printf('Person %d', n) AS person_name, 'active' AS status,
       CASE WHEN roll(n, 1, 200) = 0 THEN DATE '2026-03-01' + roll(n, 2, 300)::INTEGER END AS departed_on,
       'AZ;CA;CO;GA;HI;IL;MA;NY;TX' || CASE WHEN roll(n, 3, 50) = 0 THEN '' ELSE ';WA' END AS registered_states,
       CASE WHEN n >= 20 THEN printf('AE-%05d', n % 20) END AS supervisor_id
FROM range(getvariable('people')) AS r(n);

CREATE OR REPLACE TEMP TABLE clients AS
SELECT printf('CL-%07d', n) AS client_id, printf('Client %d', n) AS client_name,
       CASE roll(n, 10, 20) WHEN 0 THEN 'institutional' WHEN 1 THEN 'prospect' ELSE 'retail' END AS client_type,
       CASE roll(n, 11, 10) WHEN 0 THEN 'A' WHEN 1 THEN 'B' WHEN 2 THEN 'B' ELSE 'C' END AS tier,
       CASE WHEN roll(n, 12, 20) = 0 THEN '' ELSE z.zone END AS timezone,
       CASE WHEN roll(n, 12, 100) = 0 THEN '' ELSE z.state END AS state,
       CASE WHEN roll(n, 13, 500) = 0 THEN '' ELSE printf('AE-%05d', roll(n, 14, getvariable('people'))) END AS account_executive_id,
       DATE '2015-01-01' + roll(n, 15, 4000)::INTEGER AS account_opened_on,
       CASE WHEN roll(n, 10, 20) = 1 THEN 'no' ELSE 'yes' END AS has_position,
       DATE '2024-01-01' + roll(n, 16, 700)::INTEGER AS last_transaction_on,
       CASE WHEN roll(n, 17, 4) = 0 THEN 'yes' ELSE 'no' END AS national_dnc,
       CASE WHEN roll(n, 18, 2000) = 0 THEN DATE '2026-01-05' + roll(n, 19, 200)::INTEGER END AS firm_dnc_on,
       CASE WHEN roll(n, 20, 2000) = 0 THEN DATE '2026-01-05' + roll(n, 21, 200)::INTEGER END AS email_opt_out_on,
       DATE '2023-06-01' + roll(n, 22, 1300)::INTEGER AS record_furnished_on,
       CASE roll(n, 23, 30) WHEN 0 THEN 'none' WHEN 1 THEN 'declined' ELSE 'named' END AS trusted_contact,
       CASE WHEN roll(n, 23, 30) = 1 THEN DATE '2024-05-05' END AS trusted_contact_effort_on,
       DATE '2025-10-01' + roll(n, 24, 420)::INTEGER AS last_review_on,
       z.utc_offset
FROM range(getvariable('clients')) AS r(n) JOIN zones z ON z.z = roll(n, 9, 10);

CREATE OR REPLACE TEMP TABLE contacts AS
SELECT printf('C-%08d', n) AS contact_id,
       strftime(TIMESTAMP '2026-01-02' + to_minutes(roll(n, 30, 320) * 1440 + CASE WHEN roll(n, 31, 500) = 0 THEN 1310 ELSE 510 + roll(n, 32, 540) END),
                '%Y-%m-%dT%H:%M:00') || c.utc_offset AS occurred_at,
       CASE WHEN roll(n, 33, 100) = 0 THEN printf('AE-%05d', roll(n, 34, getvariable('people'))) ELSE c.account_executive_id END AS account_executive_id,
       c.client_id,
       CASE roll(n, 35, 400) WHEN 0 THEN 'other:whatsapp' ELSE (['phone', 'email', 'email', 'email', 'video', 'in_person', 'letter'])[roll(n, 36, 7) + 1] END AS channel,
       CASE WHEN roll(n, 37, 4) = 0 THEN 'inbound' ELSE 'outbound' END AS direction,
       'mobile' AS line,
       DATE '2026-01-01' + (roll(n, 30, 320) - roll(n, 38, 32))::INTEGER AS dnc_list_on,
       (['service', 'service', 'service', 'review', 'solicitation'])[roll(n, 39, 5) + 1] AS purpose,
       CASE WHEN roll(n, 40, 4) = 0 THEN printf('COM-%06d', roll(n, 41, getvariable('contacts') // 60)) END AS communication_id,
       'yes' AS recorded
FROM range(getvariable('contacts')) AS r(n)
JOIN clients c ON c.client_id = printf('CL-%07d', roll(n, 29, getvariable('clients')));
