import { recipe } from './recipe.ts'

export default recipe({
  name: 'firewall',
  about: 'nftables, and ip for looking at the network',
  version: 'debian',
  license: 'debian',
  needs: ['base', 'systemd'],
  sources: [
    {
      debian: ['iproute2', 'nftables'],
      without: ['libpam-modules', 'libdb5.3t64', 'debconf'],
    },
  ],
  steps: ['unpack $src/debian $out', 'rm $out/etc/nftables.conf'],
  ships: ['**'],
})
