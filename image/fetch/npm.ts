import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { REPO } from '../paths.ts'
import { run } from '../spawn.ts'
import { FetchError } from './error.ts'
import type { Pin, Store } from './store.ts'

export type NpmPin = { readonly name: string; readonly version: string; readonly pin: Pin }

export function npmPin(name: string): NpmPin {
  const lock = JSON.parse(readFileSync(join(REPO, 'package-lock.json'), 'utf8'))
  const entry = lock.packages[`node_modules/${name}`]
  if (!entry?.integrity) throw new FetchError('FETCH_NOT_PINNED', `${name} is not in package-lock.json`)
  const hex = Buffer.from(entry.integrity.slice('sha512-'.length), 'base64').toString('hex')
  return { name, version: entry.version, pin: `sha512:${hex}` }
}

export async function fetchNpm(npm: NpmPin, { store, signal }: { store: Store; signal: AbortSignal }) {
  const have = await store.has(npm.pin)
  if (have) return have
  const folder = await mkdtemp(join(tmpdir(), 'npm-'))
  try {
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder, `${npm.name}@${npm.version}`], { signal, cwd: folder })
    const [{ filename }] = JSON.parse(stdout.toString())
    if (!(await store.take(join(folder, filename), npm.pin))) throw new FetchError('FETCH_NOT_AUTHENTIC', `${npm.name} altered`)
    return store.path(npm.pin)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
