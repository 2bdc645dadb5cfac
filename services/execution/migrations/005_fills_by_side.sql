-- One trade at a venue may be between two orders of one account: the venue reports it once for each, under one id. A replica of an older
-- version does not name the side.
alter table fills add column side text not null default '';
update fills f set side = o.side from orders o where o.order_id = f.order_id;
alter table fills drop constraint fills_pkey;
alter table fills add primary key (account_id, venue, venue_symbol, trade_id, side);
