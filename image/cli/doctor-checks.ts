/** What `bt doctor` looks at, one function a check. None changes anything. */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { findArchives } from '../debian/archive.ts'
import { CACHE, BUILD, REPO } from '../paths.ts'
import { hasKeys, host, missing } from '../setup/host.mjs'
import { incomplete } from '../setup/modules.mjs'
import { run, SpawnError } from '../spawn.ts'
import { bytes } from './progress.ts'

export type Finding = {
  /** `missing` is needed by every build; a `note` is good to know, or matters only for some. */
  readonly state: 'ok' | 'note' | 'missing'
  readonly found: string
  /** What to do. */
  readonly advice?: string
}

/** A first build with its downloads takes about this much, in bytes. */
const BUILD_BYTES = 4e9
const MEMORY_BYTES = 2e9

const ok = (found: string): Finding => ({ state: 'ok', found })
const note = (found: string, advice: string): Finding => ({ state: 'note', found, advice })
const lacking = (found: string, advice: string): Finding => ({ state: 'missing', found, advice })

export const CHECKS: Readonly<Record<string, () => Promise<Finding> | Finding>> = {
  host() {
    const { name, debian } = host()
    const known = debian && existsSync('/etc/debian_version')
    const text = `${name}, ${process.arch}, ${bytes(totalmem())} of memory`
    return known ? ok(text) : note(text, 'tried on Debian 12 and 13 only; the checks below decide')
  },

  programs() {
    const needs = missing()
    if (needs.length === 0) return ok('apt-get, apt-cache, dpkg-deb, gpgv, tar')
    const packages = [...new Set(needs.map(need => need.package))].join(' ')
    return lacking(
      needs.map(need => `${need.program}, which ${need.why}`).join('; '),
      `as root: apt-get install ${packages}`,
    )
  },

  keys() {
    return hasKeys()
      ? ok('the keys that sign Debian 13')
      : lacking('no keys of Debian 13', 'as root: apt-get install debian-archive-keyring')
  },

  async mirrors() {
    const archives = await findArchives()
    return ok(Object.values(archives).join(' and '))
  },

  packages() {
    const why = incomplete(REPO)
    return why === undefined
      ? ok(`node_modules fits package-lock.json; Node ${process.versions.node}`)
      : lacking(why, 'npm ci, or just call bt again: it does that by itself')
  },

  disk() {
    const free = (folder: string) => {
      const { bavail, bsize } = statfsSync(existing(folder))
      return bavail * bsize
    }
    const least = Math.min(free(CACHE), free(BUILD))
    const text = `${bytes(least)} free for ${CACHE} and ${BUILD}`
    const advice = 'bt clean gives space back; BT_CACHE and BT_BUILD name folders elsewhere'
    if (least < BUILD_BYTES / 4) return lacking(text, advice)
    return least < BUILD_BYTES ? note(text, advice) : ok(text)
  },

  folders() {
    const closed = [CACHE, BUILD].filter(folder => {
      const nearest = existing(folder)
      return !statSync(nearest).isDirectory() || !writable(nearest)
    })
    return closed.length === 0
      ? ok('cache and build folder can be written')
      : lacking(
          `cannot write ${closed.join(' and ')}`,
          'make it yours, or set BT_CACHE or BT_BUILD',
        )
  },

  memory() {
    const text = `${bytes(freemem())} free`
    return freemem() < MEMORY_BYTES
      ? note(text, 'QEMU takes 1 GB for the router, the kernel recipe up to 2 GB')
      : ok(text)
  },

  async cache() {
    if (!existsSync(CACHE)) return ok('empty: the first build downloads what it needs')
    const { stdout } = await run('du', ['-sk', CACHE])
    return ok(`${bytes(Number.parseInt(stdout.toString()) * 1024)} in ${CACHE}`)
  },

  async namespaces() {
    try {
      await run('unshare', ['--user', '--map-root-user', 'true'])
      return ok('user namespaces work, so linux-router can be compiled')
    } catch (error) {
      if (!(error instanceof SpawnError)) throw error
      return note(
        'no user namespaces: all but the recipe linux-router builds',
        'as root: sysctl -w user.max_user_namespaces=15000 kernel.unprivileged_userns_clone=1',
      )
    }
  },

  kvm() {
    if (!existsSync('/dev/kvm'))
      return note(
        'no /dev/kvm: QEMU emulates the processor, the router boots in about a minute',
        'enable virtualisation in the firmware or hypervisor, if it can be',
      )
    return writable('/dev/kvm')
      ? ok('/dev/kvm is there; bt run tries whether a guest really boots')
      : note(
          '/dev/kvm is not yours, so QEMU emulates',
          'as root: adduser YOU kvm, then log in again',
        )
  },

  bundle() {
    const file = join(BUILD, 'bt', 'bt.cjs')
    if (!existsSync(file)) return note('bt runs from its sources', 'image/bt is much quicker')
    return ok(
      `bundled ${statSync(file).mtime.toISOString().slice(0, 19).replace('T', ' ')} UTC, up to date`,
    )
  },
}

/** The folder, or the nearest one above it that exists. */
function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(dirname(folder))
}

function writable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
