CREATE ROLE refresh_case_writer;
GRANT INSERT ON events TO refresh_case_writer;
CREATE ROLE refresh_case_refresher;
GRANT USAGE ON SCHEMA specql TO refresh_case_refresher;
GRANT SELECT ON specql.projection_status TO refresh_case_refresher;
GRANT EXECUTE ON PROCEDURE specql.refresh_projections TO refresh_case_refresher;
GRANT EXECUTE ON FUNCTION specql.refresh_projection TO refresh_case_refresher;
