/** Where things are on the builder: the checkout, its build folder, the cache shared by checkouts. */
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** The checkout. The bundled CLI lies in `build/bt/`, the sources in `image/`: both two below it. */
export const REPO = process.env['BT_REPO'] ?? dirname(import.meta.dirname)

/** Results of this checkout: images, reports, what the last builds were made of. */
export const BUILD = process.env['BT_BUILD'] ?? join(REPO, 'build')

/** Cache of actions, trees and downloads; safe to share, safe to delete. */
export const CACHE =
  process.env['BT_CACHE'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'blocktree')
