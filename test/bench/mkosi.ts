/**
 * What mkosi is told to make, so that it is like ours: Debian 13 with the same packages and kernel
 * modules, an erofs root with dm-verity, a UKI with an initrd that opens it, systemd-boot. It has no
 * daemon and one slot. Its initrd is the one that it makes by default.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import picomatch from 'picomatch'
import type { Board } from '../../board/board.ts'
import { openApt, SUITE, type Apt } from '../../image/debian/apt.ts'
import { hostArch } from '../../image/engine/locks.ts'

/** Where `inPeer` shows the work folder inside the tree. */
export const INSIDE = '/work'

const PACKAGES = [
  ...['linux-image-amd64', 'systemd', 'systemd-sysv', 'systemd-boot', 'systemd-boot-efi'],
  ...['systemd-repart', 'systemd-resolved', 'systemd-timesyncd', 'udev', 'dbus-broker', 'dmsetup'],
  ...['e2fsprogs', 'kmod', 'nftables', 'iproute2', 'ca-certificates', 'netbase'],
]

const MATCHED = ['VerityMatchKey=root', 'Minimize=best']
const PARTITIONS = {
  '00-esp': [
    'Type=esp',
    'Format=vfat',
    'CopyFiles=/efi:/',
    'CopyFiles=/boot:/',
    'SizeMinBytes=128M',
  ],
  '10-root': ['Type=root', 'Format=erofs', 'CopyFiles=/', 'Verity=data', ...MATCHED],
  '11-verity': ['Type=root-verity', 'Verity=hash', ...MATCHED],
}

/** Writes mkosi's configuration to WORK/conf, where WORK is `/work` of the peer. */
export async function configure(work: string, board: Board): Promise<void> {
  const put = (path: string, lines: readonly string[]) => {
    const file = join(work, 'conf', path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, lines.join('\n') + '\n')
  }
  const apt = await openApt({ arch: hostArch() })
  rmSync(join(work, 'conf'), { recursive: true, force: true })
  const list = (name: string, values: readonly string[]) => `${name}=${values.join('\n    ')}`
  const named = board.kernel.initrdModules.map(name => `/${name.replace(/[_-]/g, '[_-]')}\\.ko`)
  put('mkosi.conf', [
    ...['[Distribution]', 'Distribution=debian', `Release=${SUITE}`],
    ...['[Output]', 'Format=disk', 'ImageId=peer', `OutputDirectory=${INSIDE}/out`],
    ...['[Content]', 'Bootable=yes', 'Bootloader=systemd-boot', 'UnifiedKernelImages=yes'],
    ...['WithDocs=no', list('Packages', PACKAGES)],
    'KernelModulesExclude=.*',
    list('KernelModulesInclude', [...board.kernel.modules.map(moduleExpression), ...named]),
    'KernelModulesInitrdExclude=.*',
    list('KernelModulesInitrdInclude', named),
    ...[
      '[Build]',
      `PackageCacheDirectory=${INSIDE}/packages`,
      `WorkspaceDirectory=${INSIDE}/space`,
    ],
    ...['Incremental=no', 'History=no'],
  ])
  for (const [name, lines] of Object.entries(PARTITIONS))
    put(`mkosi.repart/${name}.conf`, ['[Partition]', ...lines])
  // Its own list of sources would ask for a suite of debug symbols, which not every mirror has.
  const source = (uri: string, suites: string) => [
    ...['Types: deb', `URIs: ${uri}`, `Suites: ${suites}`, 'Components: main'],
    ...['Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg', ''],
  ]
  put('mkosi.sandbox/etc/apt/sources.list.d/mkosi.sources', [
    ...source(apt.archives.debian, `${SUITE} ${SUITE}-updates`),
    ...source(apt.archives['debian-security'], `${SUITE}-security`),
  ])
  put('mkosi.sandbox/etc/apt/apt.conf.d/50machine', network(apt))
  for (const folder of ['out', 'packages', 'space'])
    mkdirSync(join(work, folder), { recursive: true })
}

/** How this machine reaches the network, as its apt is told. */
function network(apt: Apt): string[] {
  const lines = readFileSync(join(apt.folder, 'apt.conf'), 'utf8').split('\n')
  return lines.filter(line => /^Acquire::(?:http|https|ftp|proxy)\b/i.test(line))
}

/** A glob of a board, as the regular expression of Python that mkosi looks for below `kernel/`. */
function moduleExpression(glob: string): string {
  return picomatch.makeRe(glob).source.replace(/\$$/, '\\.ko')
}
