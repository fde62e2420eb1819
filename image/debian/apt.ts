/**
 * A private apt: its own sources, lists, caches and an empty record of installed packages, all in
 * one folder of the cache, so that what it resolves depends on the archive alone and the machine's
 * packages are never touched. Only the machine's way to the network (`Acquire::*`, `auth.conf`) is
 * kept. apt checks the archive's signatures against Debian's own keyring.
 */
import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CACHE } from '../paths.ts'
import { run, SpawnError } from '../spawn.ts'
import { findArchives, type Archives } from './archive.ts'
import { DebianError } from './error.ts'

export type DebArch = 'amd64' | 'arm64'

/** The release that images are made of. Moving to the next one is a change of this line. */
export const SUITE = 'trixie'

const KEYRINGS = ['gpg', 'pgp'].map(ext => `/usr/share/keyrings/debian-archive-keyring.${ext}`)

export type AptOptions = {
  readonly arch: DebArch
  /** Default: {@link findArchives}. */
  readonly archives?: Archives
  /** File with the archive's keys. Default: BT_DEBIAN_KEYRING, or the package's own. */
  readonly keyring?: string
  /** Default: a folder of the cache. */
  readonly folder?: string
  /** Seconds to wait for another build that uses the same folder. Default: 120. */
  readonly patience?: number
}

export type Apt = {
  readonly arch: DebArch
  readonly archives: Archives
  readonly folder: string
  /** Runs `apt-get`, `apt-cache` or `/usr/lib/apt/apt-helper` against the private state. */
  run(program: string, args: readonly string[], signal?: AbortSignal): Promise<string>
  /** True when an earlier {@link Apt.update} succeeded. */
  hasLists(): boolean
  /**
   * Fetches the archive's indices and checks their signatures.
   *
   * @throws {DebianError} `DEBIAN_BAD_SIGNATURE`, `DEBIAN_UNREACHABLE`, `DEBIAN_BUSY`.
   */
  update(signal?: AbortSignal): Promise<void>
}

/**
 * @throws {DebianError} `DEBIAN_NO_MIRROR`, `DEBIAN_NO_KEYRING`.
 */
export async function openApt(options: AptOptions): Promise<Apt> {
  const { arch } = options
  const archives = options.archives ?? (await findArchives())
  const keyring =
    options.keyring ?? process.env['BT_DEBIAN_KEYRING'] ?? KEYRINGS.find(file => existsSync(file))
  if (keyring === undefined || !existsSync(keyring)) {
    throw new DebianError(
      'DEBIAN_NO_KEYRING',
      `found no ${keyring ?? KEYRINGS[0]}, the keys that Debian signs its archive with: ` +
        'install the package debian-archive-keyring, or set BT_DEBIAN_KEYRING=FILE',
    )
  }
  const folder = options.folder ?? join(CACHE, 'apt', `${SUITE}-${arch}`)
  for (const name of ['lists/partial', 'cache/archives/partial', 'none', 'etc'])
    await mkdir(join(folder, name), { recursive: true })
  const signed = `deb [arch=${arch} signed-by=${keyring}]`
  await replace(join(folder, 'status'), '')
  await replace(
    join(folder, 'etc/sources.list'),
    `${signed} ${archives.debian} ${SUITE} main\n` +
      `${signed} ${archives.debian} ${SUITE}-updates main\n` +
      `${signed} ${archives['debian-security']} ${SUITE}-security main\n`,
  )
  await replace(join(folder, 'apt.conf'), configuration(folder, arch, await machineSettings()))

  const env = { ...process.env, APT_CONFIG: join(folder, 'apt.conf'), LC_ALL: 'C.UTF-8' }
  const execute = async (program: string, args: readonly string[], signal?: AbortSignal) =>
    (await run(program, args, { env, ...(signal && { signal }) })).stdout.toString()
  return {
    arch,
    archives,
    folder,
    run: execute,
    hasLists() {
      return existsSync(join(folder, 'updated'))
    },
    async update(signal) {
      for (let attempt = 1; ; attempt++) {
        try {
          await execute('apt-get', ['update', '-q', '--error-on=any'], signal)
          await replace(join(folder, 'updated'), '')
          return
        } catch (error) {
          if (!(error instanceof SpawnError) || error.code !== 'SPAWN_FAILED') throw error
          const busy = /Could not get lock|Unable to lock/.test(error.message)
          if (!busy || attempt > (options.patience ?? 120))
            throw explain(error.message, busy, folder)
          await sleep(1000, undefined, signal && { signal })
        }
      }
    },
  }
}

function explain(said: string, busy: boolean, folder: string): DebianError {
  const lines = said.split('\n').filter(line => /^(?:E|W|Err)\b|is not signed|NO_PUBKEY/.test(line))
  const detail = (lines.length > 0 ? lines : [said]).join('\n  ')
  if (busy)
    return new DebianError('DEBIAN_BUSY', `another build keeps ${folder} locked:\n  ${detail}`)
  const signature =
    /NO_PUBKEY|BADSIG|EXPKEYSIG|REVKEYSIG|not signed|signatures? (?:were|was|couldn't|could)|OpenPGP|GPG error|Clearsigned|Hash Sum mismatch|unexpected size/i
  if (signature.test(said)) {
    return new DebianError(
      'DEBIAN_BAD_SIGNATURE',
      `the archive does not verify with Debian's keys, nothing was taken from it:\n  ${detail}`,
    )
  }
  return new DebianError(
    'DEBIAN_UNREACHABLE',
    `the Debian archive can't be read (no network, or a wrong mirror):\n  ${detail}`,
  )
}

/** Proxy, TLS, time-out and mirror settings of the machine, in the syntax of apt.conf. */
async function machineSettings(): Promise<string> {
  const { stdout } = await run('apt-config', ['dump', 'Acquire'], {
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  })
  const ours =
    /^Acquire::(?:Languages|IndexTargets|Changelogs|CompressionTypes|GzipIndexes|PDiffs)\b/
  return stdout
    .toString()
    .split('\n')
    .filter(line => line.startsWith('Acquire::') && !line.endsWith(' "";') && !ours.test(line))
    .join('\n')
}

function configuration(folder: string, arch: DebArch, machine: string): string {
  const quoted = (name: string) => `"${join(folder, name)}"`
  return `${machine}
Dir ${quoted('/')};
Dir::State ${quoted('/')};
Dir::State::lists ${quoted('lists/')};
Dir::State::status ${quoted('status')};
Dir::Cache ${quoted('cache/')};
Dir::Etc ${quoted('etc/')};
Dir::Etc::main "/dev/null";
Dir::Etc::parts ${quoted('none/')};
Dir::Etc::sourcelist ${quoted('etc/sources.list')};
Dir::Etc::sourceparts ${quoted('none/')};
Dir::Etc::preferences ${quoted('etc/preferences')};
Dir::Etc::preferencesparts ${quoted('none/')};
Dir::Etc::trusted "/dev/null";
Dir::Etc::trustedparts ${quoted('none/')};
Dir::Etc::netrc "/etc/apt/auth.conf";
Dir::Etc::netrcparts "/etc/apt/auth.conf.d/";
APT::Architecture "${arch}";
APT::Architectures { "${arch}"; };
APT::Install-Recommends "false";
APT::Install-Suggests "false";
APT::Solver "internal";
APT::Sandbox::User "root";
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
Acquire::Languages { "none"; };
Acquire::PDiffs "false";
Acquire::Retries "2";
`
}

/** Another process may be reading the same file. */
async function replace(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}`
  await writeFile(temporary, text)
  await rename(temporary, file)
}
