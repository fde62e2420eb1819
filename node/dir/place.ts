/** Where the node directory is. */
import { join } from 'node:path'

/** What a process was started with. */
export type Surroundings = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
}

export type Place = {
  readonly path: string
  /** `asked`: by an option or a variable; `service`: by systemd; `usual`: nobody said anything. */
  readonly by: 'asked' | 'service' | 'usual'
}

/**
 * `--dir` of the command line, else `$BLOCKTREE_DIR`, else systemd's `$STATE_DIRECTORY`, else
 * `~/.blocktree`.
 */
export function placeOf(option: string | undefined, { env, home }: Surroundings): Place {
  const asked = option ?? (env['BLOCKTREE_DIR'] || undefined)
  if (asked !== undefined) return { path: asked, by: 'asked' }
  // systemd gives a list; the first is the one of the unit's name.
  const service = env['STATE_DIRECTORY']?.split(':')[0]
  if (service) return { path: service, by: 'service' }
  return { path: join(home, '.blocktree'), by: 'usual' }
}

/** What is in a node directory. */
export const inside = (path: string) => ({
  credentials: join(path, 'credentials'),
  config: join(path, 'config.json'),
  store: join(path, 'store'),
  socket: join(path, 'socket'),
  /** The root key, for who has its passphrase; only on the owner's machine. */
  root: join(path, 'root.age'),
})
