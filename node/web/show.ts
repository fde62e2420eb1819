/** Puts a status on the page. */
import { duration } from '../status/duration.ts'
import { homeSide, internetSide } from '../status/sides.ts'
import type { Finding, Interface, Status } from '../status/status.ts'
import { byId, icon, make, setChildren, setText } from './dom.ts'
import { bytes, headline, portKind, speed } from './words.ts'

export function show(status: Status): void {
  const { name, level, uptime, findings } = status
  setText(byId('name'), name)
  byId('hero').dataset['level'] = level
  byId('hero-icon').setAttribute('href', `#i-${level}`)
  setText(byId('headline'), headline(status))
  setText(
    byId('subline'),
    uptime === undefined ? `${name} is on.` : `${name} has been on for ${duration(uptime)}.`,
  )
  document.title = `${headline(status)} · ${name}`
  showPath(status)
  setChildren(byId('findings'), findings.map(showFinding))
  const ports = status.network.filter(each => each.kind !== 'virtual' || each.addresses.length > 0)
  setChildren(byId('ports'), ports.map(showPort))
  setChildren(byId('about'), about(status))
  byId('facts').removeAttribute('aria-busy')
}

function showPath({ findings, network, version }: Status): void {
  const level = (code: string) => findings.find(each => each.code === code)?.level ?? 'notice'
  step('internet', level('internet'), internetSide(network)?.address?.address ?? 'not connected')
  step('router', 'good', `version ${version}`)
  step('home', level('home'), homeSide(network)?.address?.address ?? 'not connected')
}

function step(name: string, level: string, text: string): void {
  const item = byId(`path-${name}`)
  item.dataset['level'] = level
  const line = item.querySelector('span')!
  line.className = ''
  setText(line, text)
}

function showFinding({ level, title, detail }: Finding): HTMLElement {
  const item = make(
    'li',
    '',
    make('span', 'mark', icon(level)),
    make('div', '', make('h3', '', title), make('p', '', detail)),
  )
  item.dataset['level'] = level
  return item
}

function showPort(port: Interface): HTMLElement {
  const { name, link, addresses } = port
  const state = link === 'up' ? 'connected' : link === 'down' ? 'not connected' : 'on'
  const item = make(
    'li',
    '',
    make(
      'div',
      'port-head',
      make('strong', '', portKind(port)),
      make('code', '', name),
      make('span', 'link', link === 'up' && port.speed ? `${state}, ${speed(port.speed)}` : state),
    ),
    ...addresses
      .filter(each => each.scope !== 'link')
      .map(each => make('p', 'address', `${each.address}/${each.prefix}`)),
  )
  item.dataset['link'] = link
  return item
}

function about({ version, slot, verity, tpm, uptime, memory }: Status): HTMLElement[] {
  const checked = { on: 'verified', off: 'not verified', unknown: 'unknown' } as const
  return [
    row('Version', version),
    row('System slot', slot === 'unknown' ? 'unknown' : slot.toUpperCase()),
    row('System files', checked[verity]),
    row('Security chip', tpm.present ? `TPM ${tpm.version}` : 'none'),
    ...(uptime === undefined ? [] : [row('On for', duration(uptime))]),
    ...(memory ? [row('Memory', used(memory.total - memory.available, memory.total))] : []),
  ]
}

function row(term: string, value: string | HTMLElement): HTMLElement {
  return make('div', '', make('dt', '', term), make('dd', '', value))
}

function used(count: number, total: number): HTMLElement {
  const meter = document.createElement('meter')
  meter.max = total
  meter.high = total * 0.9
  meter.value = count
  meter.setAttribute('aria-hidden', 'true')
  return make('div', 'memory', `${bytes(count)} of ${bytes(total)} in use`, meter)
}
