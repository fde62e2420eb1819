/** The tables of `store.db`, format 1. docs/formats.md says what they hold. */
import { StoreError } from './error.ts'
import type { Database } from './sqlite.ts'

const APPLICATION = 0x62_74_73_31 // 'bts1'
const FORMAT = 1

const TABLES = `
  CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    sequence INTEGER NOT NULL,
    digest BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    pieces INTEGER NOT NULL,
    extents INTEGER NOT NULL
  ) STRICT;
  INSERT INTO state VALUES (1, 0, zeroblob(32), 1, 0, 0);
  CREATE TABLE tree (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE known (
    tree INTEGER NOT NULL,
    id BLOB NOT NULL,
    no INTEGER,
    generation INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (tree, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE block (
    no INTEGER PRIMARY KEY,
    root BLOB NOT NULL,
    count INTEGER NOT NULL,
    acceptance ANY NOT NULL,
    header BLOB NOT NULL
  ) STRICT;
  CREATE TABLE sibling (
    no INTEGER PRIMARY KEY,
    tree INTEGER NOT NULL,
    id BLOB NOT NULL,
    generation INTEGER NOT NULL,
    hash BLOB NOT NULL,
    root BLOB NOT NULL,
    count INTEGER NOT NULL,
    acceptance ANY NOT NULL,
    header BLOB NOT NULL,
    UNIQUE (tree, id, hash)
  ) STRICT;
  CREATE TABLE acceptance (no INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE piece (
    hash BLOB PRIMARY KEY,
    born INTEGER NOT NULL,
    place INTEGER NOT NULL,
    length INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX piece_place ON piece (place, length) WHERE place >= 0;
  CREATE TABLE small (no INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE note (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (kind, key)
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION};
  PRAGMA user_version = ${FORMAT};
`

/**
 * Makes the tables of a new database; looks at the version of one that is there.
 *
 * @returns whether it is new.
 * @throws {StoreError} `STORE_VERSION`, and those of {@link Database}.
 */
export function prepareTables(db: Database, path: string): boolean {
  const number = (pragma: string) => Number(db.prepare(`PRAGMA ${pragma}`).get()![0])
  const [application, format] = [number('application_id'), number('user_version')]
  if (application === APPLICATION && format === FORMAT) return false
  const tables = Number(db.prepare('SELECT count(*) FROM sqlite_schema').get()![0])
  if (application === 0 && format === 0 && tables === 0) {
    db.transaction(() => db.exec(TABLES))
    return true
  }
  throw new StoreError(
    'STORE_VERSION',
    application === APPLICATION
      ? `${path} is of format ${format}, this program reads ${FORMAT}; is a newer blocktree installed elsewhere?`
      : `${path} is a database of another program; name another folder`,
  )
}
