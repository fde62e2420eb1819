import { recipe } from './recipe.ts'

const network = 'usr/lib/systemd/network'

export default recipe({
  name: 'system',
  about: 'our own units, users, firewall rules and the network of the board',
  version: ctx => ctx.version,
  license: 'Apache-2.0',
  sources: [{ files: ['board/rootfs/**'] }],
  steps: ctx => [
    'merge $src/board/rootfs $out',
    `write $out/usr/lib/os-release 'ID=blocktree' 'ID_LIKE=debian' 'NAME=Blocktree' 'PRETTY_NAME="Blocktree ${ctx.version}"' 'VERSION_ID=${ctx.version}' 'IMAGE_ID=blocktree' 'IMAGE_VERSION=${ctx.version}' 'VARIANT_ID=${ctx.profile}' 'BLOCKTREE_BOARD=${ctx.board.name}'`,
    'ln ../usr/lib/os-release $out/etc/os-release',
    'ln ../run/systemd/resolve/stub-resolv.conf $out/etc/resolv.conf',
    'ln ../proc/self/mounts $out/etc/mtab',
    'write $out/etc/machine-id',
    `write $out/${network}/10-wan.network [Match] 'Name=${ctx.board.network.wan.join(' ')}' [Network] DHCP=yes IPv6AcceptRA=yes IPv6PrivacyExtensions=no [DHCPv4] UseHostname=no UseDomains=no [Link] RequiredForOnline=yes`,
    `write $out/${network}/20-lan.netdev [NetDev] Name=lan Kind=bridge`,
    `write $out/${network}/20-lan-ports.network [Match] 'Name=en* eth*' [Network] Bridge=lan ConfigureWithoutCarrier=yes`,
    `write $out/${network}/30-lan.network [Match] Name=lan [Network] Address=${ctx.board.network.lan} DHCPServer=yes IPv6AcceptRA=no ConfigureWithoutCarrier=yes [DHCPServer] DNS=_server_address EmitTimezone=no [Link] RequiredForOnline=no`,
  ],
  ships: ['etc/**', 'usr/**'],
})
