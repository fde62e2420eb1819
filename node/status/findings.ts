/** Turns facts into words: what is good, what is not, and what to do about it. */
import { homeSide, internetSide } from './sides.ts'
import type { Finding, Interface, Level, Memory, Status, Tpm, Verity } from './status.ts'

type Facts = Pick<Status, 'network' | 'tpm' | 'verity' | 'memory'>

/** One finding a subject, in the order a household asks: network, security, machine. */
export function findings(facts: Facts): Finding[] {
  return [
    internet(facts.network),
    home(facts.network),
    system(facts.verity),
    tpm(facts.tpm),
    ...(facts.memory ? [memory(facts.memory)] : []),
  ]
}

/** Worst level of all. */
export function worst(all: readonly Finding[]): Level {
  if (all.some(each => each.level === 'problem')) return 'problem'
  return all.some(each => each.level === 'notice') ? 'notice' : 'good'
}

function internet(network: readonly Interface[]): Finding {
  const say = finding('internet')
  const { port, address } = internetSide(network) ?? {}
  if (port && address)
    return say('good', 'Connected to the Internet', `Address ${address.address} on ${port.name}.`)
  if (network.some(each => each.kind === 'ethernet' && each.link === 'up'))
    return say(
      'notice',
      'No Internet address yet',
      'A cable is plugged in, but your provider has not given an address. This can take a minute.',
    )
  return say(
    'problem',
    'No cable to the Internet',
    'Plug the cable from your modem or provider into the Internet port.',
  )
}

function home(network: readonly Interface[]): Finding {
  const say = finding('home')
  const { port, address } = homeSide(network) ?? {}
  if (!port || !address)
    return say('notice', 'No home network', 'This device has no address for devices at home.')
  if (port.link === 'down')
    return say(
      'notice',
      'Nothing plugged in at home',
      'Connect a computer or a switch to one of the home ports.',
    )
  return say(
    'good',
    'Home network ready',
    `Devices at home find this router at ${address.address}.`,
  )
}

function system(verity: Verity): Finding {
  const say = finding('system')
  if (verity === 'on')
    return say('good', 'System verified', 'Every part is checked for changes as it is read.')
  return say(
    'notice',
    'System not verified',
    'This system does not check its own files. That is normal only for developers.',
  )
}

function tpm(chip: Tpm): Finding {
  const say = finding('tpm')
  if (!chip.present)
    return say(
      'notice',
      'No TPM found',
      'Without this security chip, keys of this device cannot be kept in hardware.',
    )
  if (chip.version === 'unknown')
    return say('notice', 'TPM of unknown version', 'Version 2.0 is needed.')
  if (chip.version !== '2.0')
    return say('notice', 'TPM too old', `Version 2.0 is needed, this one is ${chip.version}.`)
  return say('good', 'Security chip present', 'A TPM 2.0 can keep the keys of this device.')
}

function memory({ total, available }: Memory): Finding {
  const say = finding('memory')
  const free = Math.round(available / 2 ** 20)
  if (available < total * 0.05)
    return say('problem', 'Memory almost full', `Only ${free} MB are left.`)
  return say('good', 'Enough memory', `${free} MB are free.`)
}

function finding(code: string) {
  return (level: Level, title: string, detail: string): Finding => ({ code, level, title, detail })
}
