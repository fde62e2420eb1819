import { recipe } from './recipe.ts'

/** A step that writes a file line by line. */
const write = (path: string, ...lines: string[]) =>
  `write $out/${path} ${lines.map(line => `'${line}'`).join(' ')}`

const network = (name: string, ...lines: string[]) =>
  write(`usr/lib/systemd/network/${name}`, ...lines)

export default recipe({
  name: 'system',
  about: 'our own units, users, firewall rules and the network of the board',
  version: ctx => ctx.version,
  license: 'Apache-2.0',
  sources: [{ files: ['board/rootfs/**'] }],
  steps: ctx => [
    'merge $src/board/rootfs $out',
    write(
      'usr/lib/os-release',
      'ID=blocktree',
      'ID_LIKE=debian',
      'NAME=Blocktree',
      `PRETTY_NAME="Blocktree ${ctx.version}"`,
      `VERSION_ID=${ctx.version}`,
      'IMAGE_ID=blocktree',
      `IMAGE_VERSION=${ctx.version}`,
      `VARIANT_ID=${ctx.profile}`,
      `BLOCKTREE_BOARD=${ctx.board.name}`,
    ),
    'ln ../usr/lib/os-release $out/etc/os-release',
    'ln ../run/systemd/resolve/stub-resolv.conf $out/etc/resolv.conf',
    'ln ../proc/self/mounts $out/etc/mtab',
    'write $out/etc/machine-id',
    'ln /usr/lib/systemd/system/multi-user.target $out/etc/systemd/system/default.target',
    network(
      '10-wan.network',
      '[Match]',
      `Name=${ctx.board.network.wan.join(' ')}`,
      '[Link]',
      'RequiredForOnline=yes',
      '[Network]',
      'DHCP=yes',
      'IPv6AcceptRA=yes',
      '[DHCPv4]',
      'UseHostname=no',
    ),
    network('20-lan.netdev', '[NetDev]', 'Name=lan', 'Kind=bridge'),
    network('20-lan-ports.network', '[Match]', 'Name=en* eth*', '[Network]', 'Bridge=lan'),
    network(
      '30-lan.network',
      '[Match]',
      'Name=lan',
      '[Link]',
      'RequiredForOnline=no',
      '[Network]',
      `Address=${ctx.board.network.lan}`,
      'ConfigureWithoutCarrier=yes',
      'IPv6AcceptRA=no',
      'DHCPServer=yes',
      '[DHCPServer]',
      'DNS=_server_address',
      'EmitTimezone=no',
    ),
  ],
  ships: ['etc/**', 'usr/**'],
})
