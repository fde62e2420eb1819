/** The npm packages that the engine and the verbs run on, as `package-lock.json` pins them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPO } from '../paths.ts'

export type EnginePackage = {
  readonly name: string
  readonly version: string
  /** Of the tarball, hex. */
  readonly sha512: string
}

type Entry = {
  readonly version?: string
  readonly integrity?: string
  readonly dev?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
}

/** Those for this machine's kind, sorted by name; not what only tests need. */
export function enginePackages(
  file = join(REPO, 'package-lock.json'),
  cpu: string = process.arch,
): EnginePackage[] {
  const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> }
  const found = new Map<string, EnginePackage>()
  for (const [path, { version, integrity, dev, os, cpu: cpus }] of Object.entries(lock.packages)) {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const digest = /^sha512-(.+)$/.exec(integrity ?? '')?.[1]
    const fits = (os?.includes('linux') ?? true) && (cpus?.includes(cpu) ?? true)
    if (path === '' || dev || !fits || !version || !digest) continue
    const sha512 = Buffer.from(digest, 'base64').toString('hex')
    found.set(`${name}@${version}`, { name, version, sha512 })
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
}
