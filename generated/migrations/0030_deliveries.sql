-- specql:transaction
-- 0030 deliveries, part 1 of 2
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create type public.suppliers_role                                       no lock
--   + create table catalog.price_rules                                        share row exclusive
--   + create table catalog.reviews                                            share row exclusive
--   + create table public.carts                                               share row exclusive
--   + create table public.cart_items                                          share row exclusive
--   + create table public.places                                              no lock
--   + create table public.refunds                                             share row exclusive
--   + create table public.shipment_events                                     no lock
--   + create table public.suppliers                                           share row exclusive
--   + create table public.warehouses                                          share row exclusive
--   + create table public.shipments                                           no lock
--   + create table public.carts_0                                             no lock
--   + create table public.carts_1                                             no lock
--   + create table public.carts_2                                             no lock
--   + create table public.carts_3                                             no lock
--   + create index idx_price_rules_product_id on catalog.price_rules          no lock
--   + create index idx_reviews_author_id on catalog.reviews                   no lock
--   + create index idx_reviews_product_id_written_at on catalog.reviews       no lock
--   + create index idx_reviews_words on catalog.reviews                       no lock
--   + create index idx_cart_items_product_id on public.cart_items             no lock
--   + create index idx_carts_owner_id on public.carts                         no lock
--   + create index idx_places_country_postal_code on public.places            no lock
--   + create index idx_refunds_item_order_id_item_order_created_at_item_line on public.refunds  no lock
--   + create index idx_shipment_events_corrects_id on public.shipment_events  no lock
--   + create index idx_shipment_events_shipment_id on public.shipment_events  no lock
--   + create index idx_shipments_last_event_id on public.shipments            no lock
--   + create index idx_shipments_warehouse_id on public.shipments             no lock
--   + create index idx_suppliers_department_id on public.suppliers            no lock
--   + create index idx_suppliers_email_active on public.suppliers             no lock
--   + create index idx_suppliers_full_name_trigrams on public.suppliers       no lock
--   + create index idx_suppliers_lower_full_name_username on public.suppliers  no lock
--   + create index idx_suppliers_tenant_id_last_login on public.suppliers     no lock
--   + create index idx_suppliers_username on public.suppliers                 no lock
--   + create index idx_warehouses_country_postal_code on public.warehouses    no lock
--   + create constraint shipment_events_shipment_id_fkey of public.shipment_events  no lock
--   + create trigger set_updated_at of public.suppliers                       no lock
--   + create view public.shipment_progress                                    no lock
--   ~ alter view public.user_overview                                         access exclusive

SET LOCAL lock_timeout = '3s';

CREATE TYPE public.suppliers_role AS ENUM (
    'customer',
    'staff',
    'admin'
);

CREATE TABLE catalog.price_rules (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    product_id uuid NOT NULL,
    price numeric(19,4) NOT NULL,
    valid tstzrange NOT NULL,
    CONSTRAINT price_rules_pkey PRIMARY KEY (id),
    CONSTRAINT one_price_at_a_time EXCLUDE USING gist (product_id WITH =, valid WITH &&),
    CONSTRAINT price_rules_product_id_fkey FOREIGN KEY (product_id) REFERENCES catalog.products (id) ON DELETE CASCADE
);

CREATE TABLE catalog.reviews (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    product_id uuid NOT NULL,
    author_id uuid,
    stars integer NOT NULL,
    title text,
    body text,
    words tsvector GENERATED ALWAYS AS (setweight(to_tsvector('french', coalesce(title, '')), 'A') || setweight(to_tsvector('french', coalesce(body, '')), 'B')) STORED,
    written_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT reviews_pkey PRIMARY KEY (id),
    CONSTRAINT one_review_per_author UNIQUE (product_id, author_id),
    CONSTRAINT reviews_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.users (id) ON DELETE SET NULL,
    CONSTRAINT reviews_product_id_fkey FOREIGN KEY (product_id) REFERENCES catalog.products (id) ON DELETE CASCADE,
    CONSTRAINT reviews_stars_check CHECK (stars BETWEEN 1 AND 5)
);

CREATE TABLE public.carts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    owner_id uuid NOT NULL,
    expires_at timestamp with time zone DEFAULT (now() + interval '14 days') NOT NULL,
    CONSTRAINT carts_pkey PRIMARY KEY (id),
    CONSTRAINT carts_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.users (id) ON DELETE CASCADE
) PARTITION BY HASH (id);

CREATE TABLE public.cart_items (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    cart_id uuid NOT NULL,
    product_id uuid NOT NULL,
    quantity integer DEFAULT 1 NOT NULL,
    CONSTRAINT cart_items_pkey PRIMARY KEY (id),
    CONSTRAINT cart_items_cart_id_fkey FOREIGN KEY (cart_id) REFERENCES public.carts (id) ON DELETE CASCADE,
    CONSTRAINT cart_items_cart_id_product_id_key UNIQUE (cart_id, product_id) DEFERRABLE,
    CONSTRAINT cart_items_product_id_fkey FOREIGN KEY (product_id) REFERENCES catalog.products (id) ON DELETE CASCADE,
    CONSTRAINT cart_items_quantity_check CHECK (quantity BETWEEN 1 AND 1000)
);

CREATE TABLE public.places (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    street text,
    postal_code text,
    city text NOT NULL,
    country text NOT NULL,
    location point,
    CONSTRAINT places_pkey PRIMARY KEY (id),
    CONSTRAINT city_is_no_number CHECK (city !~ '^[0-9]+$'),
    CONSTRAINT places_country_check CHECK (country ~ '^[A-Z]{2}$'),
    CONSTRAINT places_location_check CHECK (location[0] BETWEEN -90 AND 90 AND location[1] BETWEEN -180 AND 180),
    CONSTRAINT places_postal_code_check CHECK (postal_code ~ '^[A-Za-z0-9][A-Za-z0-9 -]{0,10}[A-Za-z0-9]$')
);

COMMENT ON CONSTRAINT city_is_no_number ON public.places IS 'A city has a name';

CREATE TABLE public.refunds (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    item_order_id uuid NOT NULL,
    item_order_created_at timestamp with time zone NOT NULL,
    item_line integer NOT NULL,
    amount numeric(19,4) NOT NULL,
    reason text,
    decided_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT refunds_pkey PRIMARY KEY (id),
    CONSTRAINT refunds_item_order_id_item_order_created_at_item_line_fkey FOREIGN KEY (item_order_id, item_order_created_at, item_line) REFERENCES public.order_items (order_id, order_created_at, line) ON DELETE RESTRICT,
    CONSTRAINT refunds_reason_check CHECK (char_length(reason) BETWEEN 3 AND 500)
);

CREATE TABLE public.shipment_events (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    shipment_id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    port text,
    note text,
    corrects_id uuid,
    CONSTRAINT shipment_events_pkey PRIMARY KEY (id),
    CONSTRAINT shipment_events_corrects_id_fkey FOREIGN KEY (corrects_id) REFERENCES public.shipment_events (id) ON DELETE SET NULL,
    CONSTRAINT shipment_events_port_check CHECK (port ~ '^[A-Z]{2} ?[A-Z2-9]{3}$')
);

CREATE TABLE public.suppliers (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    email text NOT NULL,
    phone text,
    tenant_id uuid NOT NULL,
    department_id uuid,
    username text NOT NULL,
    full_name text,
    status text DEFAULT 'invited' NOT NULL,
    role public.suppliers_role DEFAULT 'customer' NOT NULL,
    language text,
    last_login timestamp with time zone,
    last_ip inet,
    preferences jsonb DEFAULT '{}' NOT NULL,
    display_name text GENERATED ALWAYS AS (coalesce(full_name, username)) STORED,
    email_lower text GENERATED ALWAYS AS (lower(email)) STORED,
    iban text,
    swift text,
    rating numeric,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by uuid,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_by uuid,
    deleted_at timestamp with time zone,
    deleted_by uuid,
    CONSTRAINT suppliers_pkey PRIMARY KEY (id),
    CONSTRAINT suppliers_department_id_fkey FOREIGN KEY (department_id) REFERENCES public.departments (id) ON DELETE SET NULL,
    CONSTRAINT suppliers_email_check CHECK (email ~ '^[^@\s]+@[^@\s]+\.[^@\s]+$'),
    CONSTRAINT suppliers_iban_check CHECK (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'),
    CONSTRAINT suppliers_language_check CHECK (language ~ '^[a-z]{2,3}$'),
    CONSTRAINT suppliers_phone_check CHECK (phone ~ '^\+?[0-9(][0-9 ()./-]{3,30}$'),
    CONSTRAINT suppliers_rating_check CHECK (rating BETWEEN 0 AND 5),
    CONSTRAINT suppliers_status_check CHECK (status IN ('invited', 'active', 'blocked')),
    CONSTRAINT suppliers_swift_check CHECK (swift ~ '^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$'),
    CONSTRAINT suppliers_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants (id) ON DELETE CASCADE,
    CONSTRAINT suppliers_tenant_id_username_key UNIQUE NULLS NOT DISTINCT (tenant_id, username)
);

COMMENT ON TABLE public.suppliers IS 'Somebody who signs in to deliver';

COMMENT ON CONSTRAINT suppliers_tenant_id_username_key ON public.suppliers IS 'Somebody has this name already';

CREATE TABLE public.warehouses (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    street text,
    postal_code text,
    city text NOT NULL,
    country text NOT NULL,
    location point,
    tenant_id uuid NOT NULL,
    code character varying(12) NOT NULL,
    opens time without time zone,
    closes time without time zone,
    capacity integer DEFAULT 0 NOT NULL,
    CONSTRAINT warehouses_pkey PRIMARY KEY (id),
    CONSTRAINT city_is_no_number CHECK (city !~ '^[0-9]+$'),
    CONSTRAINT closes_after_it_opens CHECK (closes > opens),
    CONSTRAINT one_code_per_tenant UNIQUE (tenant_id, code),
    CONSTRAINT warehouses_country_check CHECK (country ~ '^[A-Z]{2}$'),
    CONSTRAINT warehouses_location_check CHECK (location[0] BETWEEN -90 AND 90 AND location[1] BETWEEN -180 AND 180),
    CONSTRAINT warehouses_postal_code_check CHECK (postal_code ~ '^[A-Za-z0-9][A-Za-z0-9 -]{0,10}[A-Za-z0-9]$'),
    CONSTRAINT warehouses_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants (id) ON DELETE CASCADE
);

COMMENT ON TABLE public.warehouses IS 'Where goods lie';

COMMENT ON COLUMN public.warehouses.capacity IS 'Pallets';

COMMENT ON CONSTRAINT city_is_no_number ON public.warehouses IS 'A city has a name';

CREATE TABLE public.shipments (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    warehouse_id uuid NOT NULL,
    last_event_id uuid,
    container text,
    weight numeric,
    CONSTRAINT shipments_pkey PRIMARY KEY (id),
    CONSTRAINT shipments_container_check CHECK (container ~ '^[A-Z]{3}[UJZ][0-9]{7}$'),
    CONSTRAINT shipments_last_event_id_fkey FOREIGN KEY (last_event_id) REFERENCES public.shipment_events (id) ON DELETE SET NULL,
    CONSTRAINT shipments_warehouse_id_fkey FOREIGN KEY (warehouse_id) REFERENCES public.warehouses (id),
    CONSTRAINT shipments_weight_check CHECK (weight BETWEEN 0 AND 40000)
);

COMMENT ON COLUMN public.shipments.weight IS 'Kilograms';

CREATE TABLE public.carts_0 PARTITION OF public.carts
    FOR VALUES WITH (MODULUS 4, REMAINDER 0);

CREATE TABLE public.carts_1 PARTITION OF public.carts
    FOR VALUES WITH (MODULUS 4, REMAINDER 1);

CREATE TABLE public.carts_2 PARTITION OF public.carts
    FOR VALUES WITH (MODULUS 4, REMAINDER 2);

CREATE TABLE public.carts_3 PARTITION OF public.carts
    FOR VALUES WITH (MODULUS 4, REMAINDER 3);

CREATE INDEX idx_price_rules_product_id ON catalog.price_rules (product_id);

CREATE INDEX idx_reviews_author_id ON catalog.reviews (author_id);

CREATE INDEX idx_reviews_product_id_written_at ON catalog.reviews (product_id, written_at DESC) INCLUDE (stars);

CREATE INDEX idx_reviews_words ON catalog.reviews USING gin (words);

CREATE INDEX idx_cart_items_product_id ON public.cart_items (product_id);

CREATE INDEX idx_carts_owner_id ON public.carts (owner_id);

CREATE INDEX idx_places_country_postal_code ON public.places (country, postal_code);

CREATE INDEX idx_refunds_item_order_id_item_order_created_at_item_line ON public.refunds (item_order_id, item_order_created_at, item_line);

CREATE INDEX idx_shipment_events_corrects_id ON public.shipment_events (corrects_id);

CREATE INDEX idx_shipment_events_shipment_id ON public.shipment_events (shipment_id);

CREATE INDEX idx_shipments_last_event_id ON public.shipments (last_event_id);

CREATE INDEX idx_shipments_warehouse_id ON public.shipments (warehouse_id);

CREATE INDEX idx_suppliers_department_id ON public.suppliers (department_id);

CREATE UNIQUE INDEX idx_suppliers_email_active ON public.suppliers (email) WHERE (status = 'active');

CREATE INDEX idx_suppliers_full_name_trigrams ON public.suppliers USING gin (full_name gin_trgm_ops);

CREATE INDEX idx_suppliers_lower_full_name_username ON public.suppliers (lower(full_name), username COLLATE "C");

CREATE INDEX idx_suppliers_tenant_id_last_login ON public.suppliers (tenant_id, last_login DESC NULLS LAST);

CREATE INDEX idx_suppliers_username ON public.suppliers (username text_pattern_ops);

CREATE INDEX idx_warehouses_country_postal_code ON public.warehouses (country, postal_code);

ALTER TABLE public.shipment_events
    ADD CONSTRAINT shipment_events_shipment_id_fkey FOREIGN KEY (shipment_id) REFERENCES public.shipments (id) ON UPDATE CASCADE ON DELETE CASCADE;

CREATE TRIGGER set_updated_at
    BEFORE UPDATE ON public.suppliers
    FOR EACH ROW
    EXECUTE FUNCTION specql.set_updated_at();

CREATE VIEW public.shipment_progress AS
SELECT
    shipments.id,
    shipments.container,
    shipment_events.last_seen,
    coalesce(shipment_events.events, 0) AS events,
    warehouses.name AS warehouse,
    warehouses.city
FROM public.shipments
LEFT JOIN (
    SELECT
        shipment_events.shipment_id,
        MAX(shipment_events.at) AS last_seen,
        COUNT(*) AS events
    FROM public.shipment_events
    GROUP BY shipment_events.shipment_id
) AS shipment_events ON shipment_events.shipment_id = shipments.id
LEFT JOIN public.warehouses ON shipments.warehouse_id = warehouses.id;

CREATE OR REPLACE VIEW public.user_overview AS
SELECT
    users.id,
    users.display_name,
    users.status,
    departments.name AS department,
    coalesce(orders.orders, 0) AS orders,
    orders.biggest,
    coalesce(reviews.reviews, 0) AS reviews,
    reviews.mean_stars
FROM public.users
LEFT JOIN public.departments ON users.department_id = departments.id
LEFT JOIN (
    SELECT
        orders.customer_id,
        COUNT(*) AS orders,
        MAX(orders.total_amount) AS biggest
    FROM public.orders
    WHERE orders.status <> 'cart'
    GROUP BY orders.customer_id
) AS orders ON orders.customer_id = users.id
LEFT JOIN (
    SELECT
        reviews.author_id,
        COUNT(*) AS reviews,
        AVG(reviews.stars) AS mean_stars
    FROM catalog.reviews
    GROUP BY reviews.author_id
) AS reviews ON reviews.author_id = users.id
WHERE users.deleted_at IS NULL;
