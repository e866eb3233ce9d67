-- Functions of Athena (Trino) that DuckDB lacks or answers differently. Loaded into a schema that is searched before
-- DuckDB's own functions; system.main.f is DuckDB's own f. The tests hold each of them against Trino's documentation:
-- https://trino.io/docs/current/functions.html
-- What no macro can mend is refused in our own SQL by test/statemachine/sql-dialect.ts.

-- Dates. DuckDB's date_diff counts the boundaries that were crossed, Trino's the whole units that went by.
CREATE MACRO date_diff(unit, a, b) AS date_sub(unit, a, b);
CREATE MACRO interval_of(unit, n) AS CASE lower(unit)
  WHEN 'millisecond' THEN to_milliseconds(n)
  WHEN 'second' THEN to_seconds(n)
  WHEN 'minute' THEN to_minutes(n)
  WHEN 'hour' THEN to_hours(n)
  WHEN 'day' THEN to_days(CAST(n AS INTEGER))
  WHEN 'week' THEN to_weeks(CAST(n AS INTEGER))
  WHEN 'month' THEN to_months(CAST(n AS INTEGER))
  WHEN 'quarter' THEN to_months(CAST(3 * n AS INTEGER))
  WHEN 'year' THEN to_years(CAST(n AS INTEGER))
  ELSE error('''' || unit || ''' is not a valid unit of date_add')
END;
CREATE MACRO date_add
  (unit, n, moment DATE) AS CAST(moment + interval_of(unit, n) AS DATE),
  (unit, n, moment TIMESTAMP) AS moment + interval_of(unit, n),
  (unit, n, moment TIMESTAMPTZ) AS moment + interval_of(unit, n);
CREATE MACRO date_trunc
  (unit, moment DATE) AS CAST(system.main.date_trunc(unit, moment) AS DATE),
  (unit, moment TIMESTAMP) AS system.main.date_trunc(unit, moment),
  (unit, moment TIMESTAMPTZ) AS system.main.date_trunc(unit, moment);
CREATE MACRO day_of_week(moment) AS isodow(moment);
CREATE MACRO dow(moment) AS isodow(moment);
CREATE MACRO day_of_month(moment) AS day(moment);
CREATE MACRO day_of_year(moment) AS dayofyear(moment);
CREATE MACRO doy(moment) AS dayofyear(moment);
CREATE MACRO week_of_year(moment) AS week(moment);
CREATE MACRO year_of_week(moment) AS isoyear(moment);
CREATE MACRO yow(moment) AS isoyear(moment);
CREATE MACRO last_day_of_month(moment) AS last_day(moment);
CREATE MACRO "date"(moment) AS CAST(moment AS DATE);
CREATE MACRO to_unixtime(moment) AS epoch(moment);
CREATE MACRO from_unixtime(seconds) AS to_timestamp(seconds);
CREATE MACRO from_iso8601_date(text) AS CAST(text AS DATE);
CREATE MACRO from_iso8601_timestamp(text) AS CAST(text AS TIMESTAMPTZ);
CREATE MACRO to_iso8601
  (moment DATE) AS strftime(moment, '%Y-%m-%d'),
  (moment TIMESTAMP) AS strftime(moment, '%Y-%m-%dT%H:%M:%S.%g'),
  (moment TIMESTAMPTZ) AS strftime(moment, '%Y-%m-%dT%H:%M:%S.%gZ');

-- MySQL’s patterns (date_format) and Joda’s (format_datetime), the ones in common use. The replacements
-- go through letters that strftime does not know, so that one does not undo another.
CREATE MACRO mysql_pattern(pattern) AS
  replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
    pattern, '%M', '%=1'), '%i', '%M'), '%=1', '%B'), '%W', '%A'), '%T', '%H:%M:%S'),
    '%s', '%S'), '%e', '%-d'), '%c', '%-m'), '%h', '%I'), '%k', '%-H');
CREATE MACRO joda_pattern(pattern) AS
  replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
    pattern, 'yyyy', '%Y'), 'SSS', '%g'), 'EEEE', '%A'), 'EEE', '%a'), 'MMMM', '%B'), 'MMM', '%b'),
    'MM', '%m'), 'dd', '%-=1'), 'HH', '%H'), 'mm', '%M'), 'ss', '%S'), '%-=1', '%d');
CREATE MACRO date_format(moment, pattern) AS strftime(moment, mysql_pattern(pattern));
CREATE MACRO format_datetime(moment, pattern) AS strftime(moment, joda_pattern(pattern));

-- Text. Trino replaces every match and writes a group as $1; no match, no group and no part are null, not ''.
CREATE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern);
CREATE MACRO regexp_replace
  (text, pattern) AS system.main.regexp_replace(text, pattern, '', 'g'),
  (text, pattern, replacement) AS system.main.regexp_replace(
    text, pattern, system.main.regexp_replace(replacement, '\$(\d)', '\\\1', 'g'), 'g');
CREATE MACRO regexp_extract
  (text, pattern) AS CASE WHEN regexp_matches(text, pattern) THEN system.main.regexp_extract(text, pattern) END,
  (text, pattern, part) AS
    CASE WHEN regexp_matches(text, pattern) THEN system.main.regexp_extract(text, pattern, part) END;
CREATE MACRO split_part(text, delimiter, part) AS string_split(text, delimiter)[part];
CREATE MACRO levenshtein_distance(a, b) AS levenshtein(a, b);
CREATE MACRO url_extract_host(url) AS nullif(system.main.regexp_extract(url, '^[a-z][a-z0-9+.-]*://([^/:?#]+)', 1), '');
CREATE MACRO url_extract_protocol(url) AS nullif(system.main.regexp_extract(url, '^([a-z][a-z0-9+.-]*)://', 1), '');
CREATE MACRO url_extract_path(url) AS system.main.regexp_extract(url, '^[a-z][a-z0-9+.-]*://[^/?#]*([^?#]*)', 1);

-- A null argument makes concat, greatest and least null; DuckDB leaves it out.
CREATE MACRO concat
  (a, b) AS a || b,
  (a, b, c) AS a || b || c,
  (a, b, c, d) AS a || b || c || d,
  (a, b, c, d, e) AS a || b || c || d || e,
  (a, b, c, d, e, f) AS a || b || c || d || e || f;
CREATE MACRO greatest
  (a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN system.main.greatest(a, b) END,
  (a, b, c) AS
    CASE WHEN a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL THEN system.main.greatest(a, b, c) END,
  (a, b, c, d) AS CASE
    WHEN a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL AND d IS NOT NULL THEN system.main.greatest(a, b, c, d)
  END;
CREATE MACRO least
  (a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN system.main.least(a, b) END,
  (a, b, c) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL THEN system.main.least(a, b, c) END,
  (a, b, c, d) AS CASE
    WHEN a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL AND d IS NOT NULL THEN system.main.least(a, b, c, d)
  END;

-- Arrays, maps and JSON.
CREATE MACRO element_at(container, key) AS container[key];
CREATE MACRO cardinality(container) AS len(container);
CREATE MACRO array_join
  (list, delimiter) AS array_to_string(list, delimiter),
  (list, delimiter, instead_of_null) AS
    array_to_string(list_transform(list, lambda item: coalesce(CAST(item AS VARCHAR), instead_of_null)), delimiter);
CREATE MACRO array_position(list, item) AS coalesce(list_position(list, item), CASE WHEN list IS NOT NULL THEN 0 END);
CREATE MACRO array_max(list) AS list_max(list);
CREATE MACRO array_min(list) AS list_min(list);
CREATE MACRO slice(list, first, n) AS list_slice(list, first, first + n - 1);
CREATE MACRO sequence(first, last) AS generate_series(first, last);
CREATE MACRO json_extract_scalar(json, path) AS
  CASE WHEN json_type(json, path) NOT IN ('OBJECT', 'ARRAY', 'NULL') THEN json_extract_string(json, path) END;

-- Aggregates.
CREATE MACRO approx_distinct(x) AS approx_count_distinct(x);
CREATE MACRO arbitrary(x) AS any_value(x);
CREATE MACRO count_if(x) AS CAST(coalesce(sum(CASE WHEN x THEN 1 ELSE 0 END), 0) AS BIGINT);
CREATE MACRO every(x) AS bool_and(x);
CREATE MACRO approx_percentile(x, fraction) AS approx_quantile(x, fraction);

-- Numbers.
CREATE MACRO truncate(x) AS trunc(x);
CREATE MACRO rand() AS random();
CREATE MACRO is_nan(x) AS isnan(x);
