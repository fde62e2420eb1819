import { recipe } from './recipe.ts'

export default recipe({
  name: 'firewall',
  about: 'nftables, and ip for looking at the network',
  version: 'debian',
  license: 'debian',
  needs: ['base', 'systemd'],
  tools: ['tools-unpack'],
  sources: [
    {
      debian: ['iproute2', 'nftables'],
      without: ['libpam-modules', 'libdb5.3t64', 'debconf'],
    },
  ],
  steps: [
    "unpack $src/debian $out --without 'usr/share/{bash-completion,doc/*/!(copyright),lintian,locale,man}/**'",
    'rm $out/etc/nftables.conf',
    // Of iproute2, a router's owner needs ip, ss, tc and bridge.
    "prune $out 'usr/sbin/{arpd,dcb,devlink,genl,rdma,rtacct,rtmon,tipc,vdpa}' 'usr/bin/{ctstat,lnstat,nstat,rdma,routel,rtstat}'",
  ],
  ships: ['**'],
})
