/** Talks to a server on this computer in bytes, so that tests can say what no client would. */
import { connect } from 'node:net'

export type Answer = {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Sends `text` as it is and gives the whole answer once the server closes the connection. */
export function exchange(port: number, text: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.setEncoding('utf8')
    socket.on('data', chunk => (received += chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      const answer = parse(received)
      if (answer) resolve(answer)
      else reject(new Error(`no answer, but ${JSON.stringify(received)}`))
    })
  })
}

/** One request of which only some parts are strange. */
export function ask(
  port: number,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Answer> {
  const all = { Host: '127.0.0.1', Connection: 'close', ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return exchange(port, `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`)
}

function parse(text: string): Answer | undefined {
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]
  if (end < 0 || status === undefined) return undefined
  const headers = Object.fromEntries(
    lines.map(line => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  return { status: Number(status), headers, body: text.slice(end + 4) }
}
