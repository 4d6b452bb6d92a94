-- The annual limit of the gifts rule (G101, calendar year) as an analyst would write it by hand for one log in native columns:
-- the same checks of the text, the same values, exemptions, totals and limits, the same register. hand_written.py makes the view
-- `log` and sets the variables file, first_row, register, findings and problems.
--
-- NULL is unknown throughout: SQL's AND, OR and NOT over NULL are the logic that the rule asks for, so a gift surely counts where
-- `counts` IS TRUE and possibly where it IS NOT FALSE. A value without upper bound has NULL for the most it may be.

CREATE TEMP MACRO cents(cell) AS
    CASE WHEN regexp_full_match(cell, '[0-9]{1,12}(\.[0-9]{1,2})?') THEN CAST(CAST(cell AS DECIMAL(14, 2)) * 100 AS BIGINT) END;
CREATE TEMP MACRO day(cell) AS
    CASE WHEN regexp_full_match(cell, '(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}') THEN TRY_CAST(cell AS DATE) END;
CREATE TEMP MACRO yes_no(cell) AS CASE cell WHEN 'yes' THEN TRUE WHEN 'no' THEN FALSE END;
-- IN and list_contains with five words or more become a join, and rows leave a join in no order: `rowid` would not be the row.
CREATE TEMP MACRO one_of(cell, words) AS CASE WHEN cell IS NOT NULL THEN coalesce(list_position(words, cell), 0) > 0 END;
CREATE TEMP MACRO several(cell, words) AS
    one_of(cell, words) OR (contains(cell, ';') AND list_has_all(words, string_split(cell, ';')));
CREATE TEMP MACRO unread(cell, value) AS cell IS NOT NULL AND value IS NULL;
CREATE TEMP MACRO dollars(amount) AS CAST(amount * 0.01 AS DECIMAL(20, 2));

-- 1. Read, check and value every row once.
CREATE TEMP TABLE events AS
WITH typed AS (
    SELECT *,
        day(event_date) AS on_date, cents(cost) AS c, cents(market_value) AS market, cents(face_value) AS face,
        cents(tax) AS t, cents(delivery) AS d, yes_no(includes_tax_delivery) AS included, yes_no(host_present) AS hosted,
        yes_no(logo) AS has_logo, yes_no(solely_decorative) AS decorative, yes_no(personal_relationship) AS related,
        yes_no(related_to_business) AS business, yes_no(in_gift_log) AS in_log, yes_no(employer_consent) AS consent,
        day(agreement_on) AS agreed, day(services_from) AS begun, day(logged_on) AS logged,
        CASE WHEN recipients_count IS NULL THEN 1
             WHEN regexp_full_match(recipients_count, '[0-9]{1,9}') AND CAST(recipients_count AS BIGINT) > 0
             THEN CAST(recipients_count AS BIGINT) END AS parts,
        coalesce(category, 'general') AS claims,
        coalesce(direction, 'given') AS way,
        coalesce(status, 'confirmed') AS state,
        CASE WHEN recipient_id IS NOT NULL THEN 'id:' || recipient_id
             WHEN recipient_name IS NOT NULL AND recipient_employer IS NOT NULL
             THEN 'name:' || lower(recipient_name) || '|' || lower(recipient_employer)
             ELSE concat('row:', coalesce(firm_id, 'firm'), '|', event_id, '|', lower(recipient_name), '|', lower(recipient_employer))
             END AS recipient_key
    FROM log
),
checked AS (
    SELECT *,
        CASE
            WHEN event_id IS NULL THEN 'event_id: blank'
            WHEN on_date IS NULL THEN concat('event_date: ', event_date)
            WHEN NOT coalesce(one_of(kind, ['gift', 'entertainment', 'meal', 'travel', 'donation', 'contribution', 'services', 'loan',
                'non_cash_compensation', 'beneficiary_position', 'other']), FALSE) THEN concat('kind: ', kind)
            WHEN unread(cost, c) THEN 'cost: ' || cost
            WHEN unread(market_value, market) THEN 'market_value: ' || market_value
            WHEN unread(face_value, face) THEN 'face_value: ' || face_value
            WHEN unread(tax, t) THEN 'tax: ' || tax
            WHEN unread(delivery, d) THEN 'delivery: ' || delivery
            WHEN included AND coalesce(t, 0) + coalesce(d, 0) > c THEN 'cost: less than the tax and delivery in it'
            WHEN parts IS NULL THEN 'recipients_count: ' || recipients_count
            WHEN way NOT IN ('given', 'received', 'declined') THEN 'direction: ' || direction
            WHEN state NOT IN ('confirmed', 'reserved', 'cancelled') THEN 'status: ' || status
            WHEN NOT several(claims, ['general', 'ticket', 'cash', 'gift_card', 'meal', 'lodging', 'promotional', 'commemorative',
                'de_minimis', 'bereavement', 'personal', 'disaster_donation']) THEN 'category: ' || category
            WHEN NOT several(recipient_type, ['institutional', 'vendor', 'broker_dealer', 'retail_customer', 'own_associated_person',
                'federal_official', 'state_local_official', 'foreign_official', 'candidate', 'union_official', 'erisa_fiduciary',
                'fund_personnel', 'municipal_issuer', 'finra_staff']) THEN 'recipient_type: ' || recipient_type
            WHEN NOT one_of(occasion, ['wedding', 'birth', 'bereavement', 'retirement', 'holiday', 'birthday', 'other'])
                THEN 'occasion: ' || occasion
            WHEN NOT one_of(relative, ['parent', 'parent_in_law', 'sibling', 'child', 'spouse', 'other']) THEN 'relative: ' || relative
            WHEN paid_by NOT IN ('firm', 'individual', 'bond_proceeds', 'third_party') THEN 'paid_by: ' || paid_by
            WHEN unread(includes_tax_delivery, included) THEN 'includes_tax_delivery: ' || includes_tax_delivery
            WHEN unread(host_present, hosted) THEN 'host_present: ' || host_present
            WHEN unread(logo, has_logo) THEN 'logo: ' || logo
            WHEN unread(solely_decorative, decorative) THEN 'solely_decorative: ' || solely_decorative
            WHEN unread(personal_relationship, related) THEN 'personal_relationship: ' || personal_relationship
            WHEN unread(related_to_business, business) THEN 'related_to_business: ' || related_to_business
            WHEN unread(in_gift_log, in_log) THEN 'in_gift_log: ' || in_gift_log
            WHEN unread(employer_consent, consent) THEN 'employer_consent: ' || employer_consent
            WHEN unread(agreement_on, agreed) THEN 'agreement_on: ' || agreement_on
            WHEN unread(services_from, begun) THEN 'services_from: ' || services_from
            WHEN unread(logged_on, logged) THEN 'logged_on: ' || logged_on
            WHEN NOT regexp_full_match(currency, '[A-Za-z]{3}') THEN 'currency: ' || currency
        END AS problem,
        -- The cost without tax and delivery: what it may be at least and at most.
        t IS NOT NULL OR d IS NOT NULL AS told,
        c - coalesce(t, 0) - coalesce(d, 0) AS rest,
        CASE WHEN contains(claims, 'ticket') OR contains(claims, 'gift_card') THEN face
             WHEN on_date < DATE '2026-03-30' THEN market END AS other_value
    FROM typed
),
netted AS (
    SELECT *,
        CASE WHEN c IS NULL THEN 0
             WHEN included AND NOT told THEN 0
             WHEN coalesce(included, rest >= 0) AND told THEN greatest(rest, 0)
             ELSE c END AS net_least,
        CASE WHEN included AND told AND rest < 0 THEN 0 WHEN included AND told THEN rest ELSE c END AS net_most
    FROM checked
),
shared AS (
    SELECT *,
        greatest(net_least, other_value) AS gross_least,
        CASE WHEN net_most IS NOT NULL THEN greatest(net_most, other_value) END AS gross_most,
        upper(coalesce(currency, 'USD')) = 'USD' AS in_dollars
    FROM netted
),
valued AS (
    SELECT *,
        CASE WHEN NOT in_dollars THEN 0 WHEN parts = 1 THEN gross_least ELSE (2 * gross_least + parts) // (2 * parts) END AS least,
        CASE WHEN NOT in_dollars THEN NULL WHEN parts = 1 THEN gross_most ELSE (2 * gross_most + parts) // (2 * parts) END AS most
    FROM shared
),
claimed AS (
    SELECT *,
        way = 'given' AND state <> 'cancelled' AND one_of(kind, ['gift', 'entertainment', 'meal', 'travel', 'donation', 'services'])
        AND NOT (recipient_type IN ('retail_customer', 'own_associated_person', 'retail_customer;own_associated_person',
                                    'own_associated_person;retail_customer'))
        AND CASE WHEN contains(recipient_type, 'retail_customer') AND contains(recipient_type, 'institutional') THEN NULL
                 ELSE recipient_type IS NOT NULL OR NULL END AS reached,
        CASE WHEN least > 5000 THEN FALSE WHEN most <= 5000 THEN TRUE END AS small,
        contains(claims, 'cash') OR contains(claims, 'gift_card') AS like_cash,
        contains(claims, 'personal') AND related AND paid_by = 'individual' AND occasion <> 'holiday' AND coalesce(NOT business, TRUE)
            AS personal,
        contains(claims, 'bereavement') AND one_of(relative, ['parent', 'parent_in_law', 'sibling', 'child', 'spouse'])
            AND coalesce(occasion = 'bereavement', TRUE) AS bereavement,
        contains(claims, 'de_minimis') AND NOT like_cash AND small AS de_minimis,
        contains(claims, 'promotional') AND has_logo AND NOT like_cash AND small AS promotional,
        contains(claims, 'commemorative') AND decorative AS commemorative,
        contains(claims, 'disaster_donation') AND kind = 'donation' AS disaster,
        kind IN ('entertainment', 'meal') AND hosted AND during_event_id IS NULL AND NOT contains(claims, 'lodging') AS entertained,
        kind = 'services' AND consent AND CASE WHEN agreed = begun THEN NULL ELSE agreed < begun END AS agreement
    FROM valued
)
SELECT
    coalesce(firm_id, 'firm') AS firm_id, event_id, on_date, kind, giver_id, recipient_key, recipient_id, recipient_name,
    recipient_employer, description, state AS status, problem, least, most,
    reached IS NOT FALSE AS in_scope,
    reached AND NOT (personal OR bereavement OR de_minimis OR promotional OR commemorative OR disaster OR entertained OR agreement)
        AS counts,
    CASE WHEN reached IS FALSE THEN NULL WHEN personal THEN 'personal-gift' WHEN bereavement THEN 'bereavement-gift'
         WHEN de_minimis THEN 'de-minimis-item' WHEN promotional THEN 'promotional-item' WHEN commemorative THEN 'commemorative-item'
         WHEN disaster THEN 'disaster-donation' WHEN entertained THEN 'hosted-entertainment'
         WHEN agreement THEN 'services-under-written-agreement' END AS exemption
FROM claimed;

-- 2. Rows that cannot be read.
COPY (
    SELECT getvariable('file') AS file, rowid + getvariable('first_row') AS "row", problem FROM events WHERE problem IS NOT NULL
    ORDER BY "row"
) TO (getvariable('problems')) (FORMAT csv, HEADER);

-- 3. Rows that repeat an event: one of them stays. Rows of one event that disagree need a person, so the run stops.
CREATE TEMP TABLE repeats AS
WITH several_rows AS (
    SELECT hash(firm_id, event_id, recipient_key) AS h FROM events WHERE problem IS NULL GROUP BY h HAVING count(*) > 1
)
SELECT rowid AS row_id, row_number() OVER (PARTITION BY firm_id, event_id, recipient_key ORDER BY rowid) AS nth,
    CASE WHEN count(DISTINCT hash(on_date, kind, giver_id, least, most, counts, exemption, status))
              OVER (PARTITION BY firm_id, event_id, recipient_key) > 1
         THEN error('rows of event ' || event_id || ' disagree') END AS checked
FROM events
WHERE problem IS NULL AND hash(firm_id, event_id, recipient_key) IN (FROM several_rows);

DELETE FROM repeats WHERE nth = 1;

-- 4. Running totals of what counts, against the limit of each date.
CREATE TEMP TABLE totals AS
WITH counted AS (
    SELECT rowid AS row_id, firm_id, recipient_key, event_id, on_date, year(on_date) AS in_year, counts IS TRUE AS sure,
        CASE WHEN counts THEN least ELSE 0 END AS adds, coalesce(most, 0) AS may_add, CAST(most IS NULL AS INTEGER) AS opened,
        CASE WHEN on_date >= DATE '2026-03-30' THEN 30000 WHEN on_date >= DATE '1992-01-01' THEN 10000 END AS dated_limit
    FROM events
    WHERE problem IS NULL AND counts IS NOT FALSE AND rowid NOT IN (SELECT row_id FROM repeats)
),
summed AS (
    SELECT row_id, in_year, sure, adds, may_add, opened, dated_limit,
        CAST(sum(adds) OVER up_to AS BIGINT) AS total, CAST(sum(may_add) OVER up_to AS BIGINT) AS total_most,
        CAST(sum(opened) OVER up_to AS BIGINT) AS total_opened
    FROM counted
    WINDOW up_to AS (PARTITION BY firm_id, recipient_key, in_year ORDER BY on_date, event_id ROWS UNBOUNDED PRECEDING)
)
SELECT row_id, in_year, sure, adds, total, dated_limit,
    CASE WHEN opened = 0 THEN may_add END AS may_add,
    CASE WHEN total_opened = 0 THEN total_most END AS total_possible,
    CASE WHEN sure AND adds > 0 AND total > dated_limit THEN 'violation'
         WHEN (may_add > 0 OR opened = 1) AND (total_opened > 0 OR total_most > dated_limit OR dated_limit IS NULL) THEN 'undetermined'
         END AS outcome
FROM summed;

-- 5. The findings, one line of JSON each.
COPY (
    SELECT 'G101' AS rule_id, outcome, event_id, on_date AS event_date, firm_id, giver_id, recipient_id,
        coalesce(recipient_name, recipient_id) AS recipient, make_date(in_year, 1, 1) AS window_from,
        make_date(in_year + 1, 1, 1) AS window_until, dollars(total) AS measured, dollars(total_possible) AS measured_possible,
        dollars(dated_limit) AS "limit", dollars(greatest(0, total - dated_limit)) AS "over",
        concat('Gifts to ', coalesce(recipient_name, recipient_id, 'a person not named'), ' total ', dollars(total), CASE
            WHEN outcome = 'violation' THEN '' WHEN total_possible IS NULL THEN ' or any more'
            ELSE concat(' to ', dollars(total_possible)) END,
            ' in ', in_year, ' after ', event_id, '; the limit on ', on_date, ' is ', dollars(dated_limit), '.',
            CASE WHEN outcome = 'violation' THEN concat(' Over by ', dollars(total - dated_limit), '.') ELSE '' END) AS message
    FROM events JOIN totals ON events.rowid = totals.row_id
    WHERE outcome IS NOT NULL
    ORDER BY firm_id, recipient_key, on_date, event_id
) TO (getvariable('findings')) (FORMAT json);

-- 6. The register: every event with what it adds, the totals after it, and what is left.
COPY (
    SELECT e.firm_id, e.event_id, e.on_date AS event_date, CAST(NULL AS VARCHAR) AS event_time, e.kind, e.giver_id,
        CAST(NULL AS VARCHAR) AS giver_name, e.recipient_key, 'G101' AS rule_id,
        CASE WHEN t.row_id IS NULL THEN 'no' WHEN t.sure THEN 'yes' ELSE 'doubtful' END AS counted, e.exemption,
        dollars(t.adds) AS value, dollars(t.may_add) AS value_possible, dollars(t.total) AS total,
        dollars(t.total_possible) AS total_possible, dollars(t.dated_limit) AS "limit",
        CASE WHEN t.total < t.dated_limit THEN dollars(t.dated_limit - t.total) WHEN t.dated_limit IS NOT NULL THEN 0 END AS remaining,
        make_date(t.in_year, 1, 1) AS window_from,
        make_date(t.in_year + 1, 1, 1) AS window_until,
        coalesce(t.outcome, CASE WHEN e.in_scope THEN 'ok' ELSE 'out_of_scope' END) AS verdict,
        e.recipient_id, e.recipient_name, e.recipient_employer, e.description, e.status, getvariable('file') AS file,
        e.rowid + getvariable('first_row') AS "row"
    FROM events AS e LEFT JOIN totals AS t ON e.rowid = t.row_id
    WHERE e.problem IS NULL AND e.rowid NOT IN (SELECT row_id FROM repeats)
    ORDER BY e.rowid
) TO (getvariable('register')) (FORMAT parquet);
