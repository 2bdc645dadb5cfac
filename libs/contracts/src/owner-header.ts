/**
 * Header of a record at the door whose key is a strategy's id (`strategy`), not a user's: it belongs to no user of that name. A record without
 * it is its user's. Of strangers' records it says nothing: their content does.
 */
export const OWNER_HEADER = 'switchyard_owner';
