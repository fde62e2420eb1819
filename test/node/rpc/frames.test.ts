/** Frames of the base protocol: in any pieces, and what is refused. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chunkFrame, FrameReader, messageFrame, type Frame } from '../../../node/rpc/frames.ts'
import { LIMITS } from '../../../node/rpc/limits.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

/** The frames of `parts`, copied, as they may share memory; the parts of a stream put together. */
function read(...parts: Uint8Array[]): Frame[] {
  const reader = new FrameReader(LIMITS)
  const frames: Frame[] = []
  for (const part of parts)
    for (const frame of reader.push(part)) {
      const last = frames.at(-1)
      if (frame.kind !== 'chunk' || last?.kind !== 'chunk' || last.stream !== frame.stream)
        frames.push(structuredClone(frame))
      else frames[frames.length - 1] = { ...last, bytes: Buffer.concat([last.bytes, frame.bytes]) }
    }
  assert.equal(reader.partial, false, 'ends in the middle of a frame')
  return frames.map(frame =>
    frame.kind === 'chunk'
      ? { ...frame, bytes: Uint8Array.from(frame.bytes) }
      : { ...frame, body: Uint8Array.from(frame.body) },
  )
}

const message = bytes('{"a":"ü\\r\\n\\r\\n"}')
const chunk = Uint8Array.from({ length: 300 }, (_, i) => i)
const stream = Buffer.concat([
  ...messageFrame(message),
  ...chunkFrame(0xfedcba98, chunk),
  ...chunkFrame(0, new Uint8Array()),
  ...messageFrame(message),
])

describe('frames', () => {
  it('are written as the base protocol has it', () => {
    assert.equal(
      Buffer.concat(chunkFrame(1, bytes('ab'))).toString('latin1'),
      'Content-Length: 6\r\nContent-Type: application/vnd.blocktree.stream\r\n\r\n\0\0\0\x01ab',
    )
    assert.equal(Buffer.concat(messageFrame(bytes('{}'))).toString(), 'Content-Length: 2\r\n\r\n{}')
  })

  it('are read whole, byte by byte, and cut at every place', () => {
    const whole = read(stream)
    assert.equal(whole.length, 3)
    assert.deepEqual(Buffer.from((whole[0] as { body: Uint8Array }).body), message)
    assert.deepEqual(
      [whole[1]!.kind, (whole[1] as { stream: number }).stream],
      ['chunk', 0xfedcba98],
    )
    assert.deepEqual(Uint8Array.from((whole[1] as { bytes: Uint8Array }).bytes), chunk)
    const same = (frames: Frame[]) =>
      assert.equal(JSON.stringify(frames), JSON.stringify(whole.map(frame => frame)))
    same(read(...[...stream].map(byte => Uint8Array.of(byte))))
    for (let cut = 1; cut < stream.length; cut++)
      same(read(stream.subarray(0, cut), stream.subarray(cut)))
  })

  it('do not keep the memory of what was given when they wait for more', () => {
    const reader = new FrameReader(LIMITS)
    const part = Buffer.from('Content-Length: 4\r\n\r\nab')
    assert.deepEqual([...reader.push(part)], [])
    assert.equal(reader.partial, true)
    part.fill(0)
    const [frame] = [...reader.push(bytes('cd'))]
    assert.deepEqual(frame, { kind: 'message', body: new Uint8Array(bytes('abcd')) })
  })

  it('have names in any letters, and the type that other clients send', () => {
    for (const type of ['application/vscode-jsonrpc; charset=utf-8', 'application/vscode-jsonrpc'])
      assert.equal(read(bytes(`content-type: ${type}\r\nCONTENT-LENGTH:2\r\n\r\n{}`)).length, 1)
  })

  const REFUSED: [string, string, string][] = [
    ['no length', 'Content-Type: application/vscode-jsonrpc\r\n\r\n', 'RPC_FRAME_HEADER'],
    ['no header at all', 'GET / HTTP/1.1\r\n\r\n', 'RPC_FRAME_HEADER'],
    ['an empty line first', '\r\n\r\n', 'RPC_FRAME_HEADER'],
    ['another header', 'Content-Length: 2\r\nHost: x\r\n\r\n{}', 'RPC_FRAME_HEADER'],
    ['a header twice', 'Content-Length: 2\r\nContent-Length: 3\r\n\r\n', 'RPC_FRAME_HEADER'],
    ['another type', 'Content-Length: 2\r\nContent-Type: text/html\r\n\r\n', 'RPC_FRAME_HEADER'],
    ['a negative length', 'Content-Length: -2\r\n\r\n', 'RPC_FRAME_HEADER'],
    ['a length in hex', 'Content-Length: 0x2\r\n\r\n', 'RPC_FRAME_HEADER'],
    ['a length and more', 'Content-Length: 2 3\r\n\r\n', 'RPC_FRAME_HEADER'],
    ['a header without an end', 'Content-Length: 2'.padEnd(1100, ' '), 'RPC_FRAME_HEADER'],
    ['a long header', `Content-Length: ${'0'.repeat(1020)}2\r\n\r\n`, 'RPC_FRAME_HEADER'],
    ['an empty body', 'Content-Length: 0\r\n\r\n', 'RPC_FRAME_SIZE'],
    ['a body over 1 MiB', 'Content-Length: 1048577\r\n\r\n', 'RPC_FRAME_SIZE'],
    ['a body beyond all numbers', `Content-Length: ${'9'.repeat(20)}\r\n\r\n`, 'RPC_FRAME_SIZE'],
    [
      'a chunk without its stream',
      'Content-Length: 3\r\nContent-Type: application/vnd.blocktree.stream\r\n\r\n',
      'RPC_FRAME_SIZE',
    ],
    [
      'a chunk over 64 KiB',
      'Content-Length: 65541\r\nContent-Type: application/vnd.blocktree.stream\r\n\r\n',
      'RPC_FRAME_SIZE',
    ],
  ]
  for (const [what, text, code] of REFUSED)
    it(`refuse ${what}, whole and byte by byte`, () => {
      assert.throws(() => read(bytes(text)), { code })
      assert.throws(() => read(...[...bytes(text)].map(byte => Uint8Array.of(byte))), { code })
    })
})
