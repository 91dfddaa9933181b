-- specql:transaction
-- Back from 0022 reports, part 2 of 3
-- The way back: what was written since then may be lost.
-- hazards: breaks-old-code, deletes-data
-- Review: is each line meant, can its lock be had, and does its time fit?
--   - drop materialized view catalog.product_sales                       access exclusive · contract
--       allowed breaks-old-code: who reads `catalog.product_sales` fails from then on (catalog.product_sales)
--   - drop view public.user_overview                                     access exclusive · contract
--       allowed breaks-old-code: who reads `public.user_overview` fails from then on (public.user_overview)
--   - drop view public.user_stats                                        access exclusive · contract
--       allowed breaks-old-code: who reads `public.user_stats` fails from then on (public.user_stats)
--   - drop view specql.projection_status                                 access exclusive · contract
--       allowed breaks-old-code: who reads `specql.projection_status` fails from then on (specql.projection_status)
--   - drop trigger product_sales_refresh_create of catalog.categories    access exclusive · contract
--   - drop trigger product_sales_refresh_delete of catalog.categories    access exclusive · contract
--   - drop trigger product_sales_refresh_truncate of catalog.categories  access exclusive · contract
--   - drop trigger product_sales_refresh_update of catalog.categories    access exclusive · contract
--   - drop trigger product_sales_refresh_create of catalog.products      access exclusive · contract
--   - drop trigger product_sales_refresh_delete of catalog.products      access exclusive · contract
--   - drop trigger product_sales_refresh_truncate of catalog.products    access exclusive · contract
--   - drop trigger product_sales_refresh_update of catalog.products      access exclusive · contract
--   - drop trigger product_sales_refresh_create of public.order_items    access exclusive · contract
--   - drop trigger product_sales_refresh_delete of public.order_items    access exclusive · contract
--   - drop trigger product_sales_refresh_truncate of public.order_items  access exclusive · contract
--   - drop trigger product_sales_refresh_update of public.order_items    access exclusive · contract
--   - drop table specql.projection_refresh                               access exclusive · contract
--       allowed deletes-data: the rows of `specql.projection_refresh` are gone (specql.projection_refresh)
--         safer: keep it until nothing needs its rows
--       allowed breaks-old-code: who names `specql.projection_refresh` fails from then on (specql.projection_refresh)
--   - drop table specql.refresh_request                                  access exclusive · contract
--       allowed deletes-data: the rows of `specql.refresh_request` are gone (specql.refresh_request)
--         safer: keep it until nothing needs its rows
--       allowed breaks-old-code: who names `specql.refresh_request` fails from then on (specql.refresh_request)
--   - drop function specql.queue_refresh                                 no lock · contract
--       allowed breaks-old-code: who uses the function fails from then on
--   - drop function specql.refresh_catalog_product_sales                 no lock · contract
--       allowed breaks-old-code: who uses the function fails from then on
--   - drop function specql.refresh_projection                            no lock · contract
--       allowed breaks-old-code: who uses the function fails from then on
--   - drop function specql.refresh_projections                           no lock · contract
--       allowed breaks-old-code: who uses the function fails from then on

SET LOCAL lock_timeout = '3s';

DROP MATERIALIZED VIEW catalog.product_sales;

DROP VIEW public.user_overview;

DROP VIEW public.user_stats;

DROP VIEW specql.projection_status;

DROP TRIGGER product_sales_refresh_create ON catalog.categories;

DROP TRIGGER product_sales_refresh_delete ON catalog.categories;

DROP TRIGGER product_sales_refresh_truncate ON catalog.categories;

DROP TRIGGER product_sales_refresh_update ON catalog.categories;

DROP TRIGGER product_sales_refresh_create ON catalog.products;

DROP TRIGGER product_sales_refresh_delete ON catalog.products;

DROP TRIGGER product_sales_refresh_truncate ON catalog.products;

DROP TRIGGER product_sales_refresh_update ON catalog.products;

DROP TRIGGER product_sales_refresh_create ON public.order_items;

DROP TRIGGER product_sales_refresh_delete ON public.order_items;

DROP TRIGGER product_sales_refresh_truncate ON public.order_items;

DROP TRIGGER product_sales_refresh_update ON public.order_items;

DROP TABLE specql.projection_refresh;

DROP TABLE specql.refresh_request;

DROP ROUTINE specql.queue_refresh;

DROP ROUTINE specql.refresh_catalog_product_sales;

DROP ROUTINE specql.refresh_projection;

DROP ROUTINE specql.refresh_projections;
