-- A made-up log of gifts in native columns, every cell as text. Read by generate.py, which sets the variables
-- rows, recipients, firms, seed and bad_rows. A cell is a function of its row, its column and the seed, so that a log is the
-- same on any number of threads.

-- A number from 0 to 999,999 for one cell; `of_million` says whether it falls among the first `n`.
CREATE OR REPLACE TEMP MACRO draw(n, salt) AS CAST(hash(n, salt, getvariable('seed')) % 1000000 AS INTEGER);
CREATE OR REPLACE TEMP MACRO of_million(n, salt, many) AS draw(n, salt) < many;
CREATE OR REPLACE TEMP MACRO dollars(cents) AS
    CAST(CAST(cents AS DECIMAL(12, 0)) * CAST(0.01 AS DECIMAL(2, 2)) AS VARCHAR);
CREATE OR REPLACE TEMP MACRO pick(words, number) AS words[CAST(1 + number % len(words) AS BIGINT)];

-- Names that belong to nobody: syllables put together.
CREATE OR REPLACE TEMP MACRO first_name(h) AS pick(
    ['Adra', 'Bren', 'Calla', 'Dorin', 'Elsin', 'Farro', 'Gwin', 'Hesta', 'Ilda', 'Jorrin', 'Kestra', 'Lomar', 'Mirel',
     'Nadine', 'Orrin', 'Pella', 'Quill', 'Rosta', 'Selwin', 'Tamsin', 'Ulla', 'Verrin', 'Wenda', 'Yorin', 'Zella'], h);
CREATE OR REPLACE TEMP MACRO last_name(h) AS
    pick(['Ash', 'Bram', 'Crest', 'Dun', 'Elm', 'Fair', 'Glen', 'Hart', 'Ives', 'Kirk', 'Lang', 'Mar', 'North', 'Oak', 'Pem',
          'Quar', 'Ridge', 'Stan', 'Thorn', 'Wick'], h)
    || pick(['bank', 'combe', 'dale', 'field', 'gate', 'ham', 'hurst', 'ley', 'mere', 'mond', 'ridge', 'shaw', 'stead', 'ton',
             'vale', 'well', 'wood', 'worth', 'wright', 'yard'], h // 20);
CREATE OR REPLACE TEMP MACRO employer(h) AS
    last_name(h) || ' ' || pick(['Capital', 'Partners', 'Advisory', 'Trust', 'Holdings'], h // 400);

-- A table, since a range is read by one thread and a table by all.
CREATE OR REPLACE TEMP TABLE numbers AS SELECT i FROM range(getvariable('rows')) AS t(i);

CREATE OR REPLACE TEMP VIEW generated AS
WITH drawn AS (
    -- One row in a thousand repeats the row before it: an export that was run twice.
    SELECT i, CASE WHEN i > 0 AND of_million(i, 'repeat', 1000) THEN i - 1 ELSE i END AS n
    FROM numbers
),
who AS (
    -- The square makes few recipients have many events: the share of the r-th falls with the root of r.
    SELECT i, n,
        CAST(floor(getvariable('recipients') * (draw(n, 'who') / 1e6 + draw(n, 'who else') / 1e12) ** 2) AS BIGINT) AS person,
        draw(n, 'kind') AS kind_draw,
        draw(n, 'category') AS category_draw,
        draw(n, 'amount') / 1e6 AS u,
        1 + CASE WHEN of_million(n, 'shared', 60000) THEN draw(n, 'among') % 7 ELSE 0 END AS among,
        draw(n, 'blank') AS blank_draw
    FROM drawn
),
what AS (
    SELECT *,
        hash(person, 'person', getvariable('seed')) % 1000003 AS h,
        draw(person, 'type') AS type_draw,
        CASE WHEN kind_draw < 620000 THEN 'gift' WHEN kind_draw < 840000 THEN 'meal' WHEN kind_draw < 960000 THEN 'entertainment'
             WHEN kind_draw < 980000 THEN 'donation' WHEN kind_draw < 983000 THEN 'travel' WHEN kind_draw < 988000 THEN 'services'
             ELSE 'other' END AS kind,
        -- 5 rows in a hundred lack one fact each: which one, by what it is worth to the answer.
        CASE WHEN blank_draw < 3000 THEN 'cost' WHEN blank_draw < 13000 THEN 'host_present' WHEN blank_draw < 18000 THEN 'recipient_type'
             WHEN blank_draw < 28000 THEN 'logo' WHEN blank_draw < 29000 THEN 'in_gift_log' WHEN blank_draw < 35000 THEN 'paid_by'
             WHEN blank_draw < 40000 THEN 'includes_tax_delivery' WHEN blank_draw < 44000 THEN 'personal_relationship'
             WHEN blank_draw < 47000 THEN 'solely_decorative' WHEN blank_draw < 49800 THEN 'relative'
             WHEN blank_draw < 50000 THEN 'recipient' ELSE '' END AS lacks
    FROM who
),
claimed AS (
    SELECT *,
        CASE kind
            WHEN 'meal' THEN CASE WHEN category_draw < 700000 THEN 'meal' ELSE '' END
            WHEN 'entertainment' THEN CASE WHEN category_draw < 600000 THEN 'ticket' ELSE 'general' END
            WHEN 'donation' THEN CASE WHEN category_draw < 300000 THEN 'disaster_donation' ELSE 'general' END
            WHEN 'travel' THEN CASE WHEN category_draw < 300000 THEN 'lodging' ELSE 'general' END
            WHEN 'gift' THEN CASE
                WHEN category_draw < 300000 THEN 'promotional' WHEN category_draw < 500000 THEN 'de_minimis'
                WHEN category_draw < 560000 THEN 'commemorative' WHEN category_draw < 600000 THEN 'personal'
                WHEN category_draw < 620000 THEN 'bereavement' WHEN category_draw < 625000 THEN 'disaster_donation'
                WHEN category_draw < 690000 THEN 'gift_card' WHEN category_draw < 700000 THEN 'cash' WHEN category_draw < 760000 THEN 'ticket'
                WHEN category_draw < 761000 THEN 'promotional;gift_card' WHEN category_draw < 900000 THEN 'general' ELSE '' END
            ELSE '' END AS category
    FROM what
),
priced AS (
    SELECT *,
        -- Cents of the thing itself: most are small, few are large; what is claimed to be trifling seldom is not.
        CAST(among * (CASE
            WHEN category IN ('promotional', 'de_minimis') THEN 150 + floor(1850 * u * u + CASE WHEN u > 0.995 THEN 6000 * u ELSE 0 END)
            WHEN kind IN ('meal', 'entertainment') THEN 1500 + floor(9000 * u * u + 40000 * u ** 8)
            WHEN kind = 'travel' THEN 8000 + floor(50000 * u * u)
            ELSE 500 + floor(2000 * u * u + 30000 * u ** 16) END) AS BIGINT) AS net,
        CASE WHEN kind IN ('gift', 'meal') AND of_million(n, 'taxed', 250000) THEN 1 ELSE 0 END AS taxed,
        CASE WHEN kind = 'gift' AND of_million(n, 'delivered', 120000) THEN 1 ELSE 0 END AS delivered,
        of_million(n, 'included', 600000) AS included
    FROM claimed
),
charged AS (
    SELECT *,
        taxed * (net * (40 + draw(n, 'tax') % 50) // 1000) AS tax_cents,
        delivered * (495 + draw(n, 'delivery') % 900) AS delivery_cents,
        CASE WHEN getvariable('bad_rows') AND of_million(n, 'bad', 100) THEN 1 + draw(n, 'how bad') % 6 ELSE 0 END AS bad
    FROM priced
),
dated AS (
    SELECT *, DATE '2024-01-01' + draw(n, 'date') % 1096 AS given_on FROM charged
)
SELECT
    'E' || lpad(CAST(n AS VARCHAR), 9, '0') AS event_id,
    CASE WHEN bad = 1 THEN strftime(given_on, '%m/%d/%Y') ELSE CAST(given_on AS VARCHAR) END AS event_date,
    CASE WHEN bad = 2 THEN 'presnet' ELSE kind END AS kind,
    CASE WHEN of_million(n, 'direction', 40000) THEN 'received' WHEN of_million(n, 'direction', 50000) THEN 'declined' ELSE 'given' END
        AS direction,
    'F' || lpad(CAST(1 + draw(n, 'firm') % getvariable('firms') AS VARCHAR), 3, '0') AS firm_id,
    'AE' || lpad(CAST(draw(person, 'giver') % (1 + getvariable('recipients') // 60) AS VARCHAR), 6, '0') AS giver_id,
    -- One recipient in twenty has no id, and is known by name and employer.
    CASE WHEN h % 20 <> 0 AND lacks <> 'recipient' THEN 'R' || lpad(CAST(person AS VARCHAR), 8, '0') END AS recipient_id,
    CASE WHEN lacks <> 'recipient' THEN first_name(h % 25) || ' ' || last_name(h // 25 % 400) END AS recipient_name,
    CASE WHEN lacks <> 'recipient' THEN employer(hash(person, 'employer') % 2000) END AS recipient_employer,
    CASE WHEN lacks = 'recipient_type' THEN NULL
         WHEN type_draw < 780000 THEN 'institutional' WHEN type_draw < 840000 THEN 'vendor' WHEN type_draw < 900000 THEN 'broker_dealer'
         WHEN type_draw < 960000 THEN 'retail_customer' WHEN type_draw < 980000 THEN 'own_associated_person'
         WHEN type_draw < 992000 THEN 'institutional;state_local_official' WHEN type_draw < 999000 THEN 'institutional;erisa_fiduciary'
         WHEN type_draw < 999900 THEN 'retail_customer;institutional' ELSE 'finra_staff' END AS recipient_type,
    nullif(category, '') AS category,
    CASE WHEN bad = 3 THEN '$' || dollars(net) WHEN bad = 4 THEN dollars(net) || '.555' WHEN lacks = 'cost' THEN NULL
         ELSE dollars(net + CASE WHEN included THEN tax_cents + delivery_cents ELSE 0 END) END AS cost,
    CASE WHEN kind = 'gift' AND of_million(n, 'market', 200000) THEN dollars(net * (90 + draw(n, 'market value') % 40) // 100) END
        AS market_value,
    CASE WHEN category IN ('ticket', 'gift_card') THEN dollars(net * (85 + draw(n, 'face value') % 30) // 100) END AS face_value,
    CASE WHEN taxed = 1 THEN dollars(tax_cents) END AS tax,
    CASE WHEN delivered = 1 THEN dollars(delivery_cents) END AS delivery,
    CASE WHEN of_million(n, 'currency', 800000) THEN 'USD' END AS currency,
    CASE WHEN taxed + delivered = 0 OR lacks = 'includes_tax_delivery' THEN NULL WHEN bad = 5 THEN 'perhaps' WHEN included THEN 'yes'
         ELSE 'no' END AS includes_tax_delivery,
    CASE WHEN bad = 6 THEN '0' WHEN among > 1 OR of_million(n, 'count', 100000) THEN CAST(among AS VARCHAR) END AS recipients_count,
    CASE WHEN among > 1 THEN 'O' || lpad(CAST(n // 3 AS VARCHAR), 9, '0') END AS occasion_id,
    CASE WHEN kind NOT IN ('meal', 'entertainment') OR lacks = 'host_present' THEN NULL WHEN of_million(n, 'host', 15000) THEN 'no'
         ELSE 'yes' END AS host_present,
    CASE WHEN category NOT LIKE 'promotional%' OR lacks = 'logo' THEN NULL WHEN of_million(n, 'logo', 10000) THEN 'no' ELSE 'yes' END
        AS logo,
    CASE WHEN category <> 'commemorative' OR lacks = 'solely_decorative' THEN NULL WHEN of_million(n, 'decor', 40000) THEN 'no'
         ELSE 'yes' END AS solely_decorative,
    CASE WHEN category <> 'personal' OR lacks = 'personal_relationship' THEN NULL WHEN of_million(n, 'relation', 40000) THEN 'no'
         ELSE 'yes' END AS personal_relationship,
    CASE WHEN category = 'personal' THEN CASE WHEN of_million(n, 'related', 30000) THEN 'yes' ELSE 'no' END
         WHEN of_million(n, 'related', 300000) THEN 'yes' END AS related_to_business,
    CASE WHEN lacks = 'in_gift_log' THEN NULL WHEN of_million(n, 'logged', 4000) THEN 'no' ELSE 'yes' END AS in_gift_log,
    CASE WHEN category = 'bereavement' THEN 'bereavement'
         WHEN category = 'personal' THEN pick(['birthday', 'wedding', 'birth', 'retirement', 'other'], draw(n, 'occasion'))
         WHEN kind = 'gift' AND month(given_on) = 12 THEN 'holiday' END AS occasion,
    CASE WHEN category <> 'bereavement' OR lacks = 'relative' THEN NULL
         ELSE pick(['parent', 'parent', 'parent_in_law', 'sibling', 'child', 'spouse', 'spouse', 'parent', 'sibling', 'other'],
                   draw(n, 'relative')) END AS relative,
    CASE WHEN lacks = 'paid_by' THEN NULL WHEN category = 'personal' THEN CASE WHEN of_million(n, 'payer', 50000) THEN 'firm' ELSE 'individual' END
         ELSE 'firm' END AS paid_by,
    CASE WHEN kind = 'gift' AND of_million(n, 'during', 2000) THEN 'E' || lpad(CAST(n // 2 AS VARCHAR), 9, '0') END AS during_event_id,
    CASE WHEN kind = 'services' AND NOT of_million(n, 'agreement', 100000)
         THEN CAST(given_on - 60 + draw(n, 'agreed') % 20 AS VARCHAR) END AS agreement_on,
    CASE WHEN kind = 'services' THEN CAST(given_on - 42 + draw(n, 'begun') % 30 AS VARCHAR) END AS services_from,
    CASE WHEN kind = 'services' THEN CASE WHEN of_million(n, 'consent', 80000) THEN 'no' ELSE 'yes' END END AS employer_consent,
    CAST(given_on + draw(n, 'days to log') % 20 AS VARCHAR) AS logged_on,
    CASE kind
        WHEN 'gift' THEN pick(['Gift basket', 'Book', 'Bottle of wine', 'Pen set', 'Umbrella', 'Blanket, boxed', 'Chocolates', 'Golf balls',
                               'Notebook', 'Framed print'], draw(n, 'thing'))
        WHEN 'meal' THEN pick(['Lunch', 'Dinner', 'Breakfast meeting'], draw(n, 'thing'))
        WHEN 'entertainment' THEN pick(['Ball game', 'Theater', 'Concert', 'Golf outing'], draw(n, 'thing'))
        ELSE upper(left(kind, 1)) || substr(kind, 2) END || ' no. ' || draw(n, 'number') AS description,
    CASE WHEN of_million(n, 'status', 5000) THEN 'cancelled' ELSE 'confirmed' END AS status
FROM dated;
