-- The books that decisions were made by, each once, by the hash that the decisions hold. `book` is the JSON text [bids, asks] that was hashed.
CREATE TABLE books (
  hash    text NOT NULL PRIMARY KEY,
  venue   text NOT NULL,
  pair    text NOT NULL,
  book    text NOT NULL,
  used_on date NOT NULL
);
CREATE INDEX books_used_on ON books (used_on);
