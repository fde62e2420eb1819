/** The edges of the shell: what is refused when a recipe loads, and what must stay possible. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stepFault } from '../../../image/recipe/check-step.ts'

const REFUSED: [string, RegExp, RegExp?][] = [
  ['a\nb', /a newline/, /make it two steps/],
  ['a\rb', /a newline/],
  ['a \\\nb', /a newline/],
  ['', /no command/],
  ['  \t', /no command/],
  ['kill -9 $$', /`\$\$`, the engine itself/, /\$work/],
  ["write x '$$'", /`\$\$`/],
  ['write "x$$y"', /`\$\$`/],
  ['cat << EOF', /here-document/, /`write`/],
  ['cat <<EOF', /here-document/],
  ['a; b', /`;`, after which failures are ignored/, /two steps/],
  ['a ;', /`;`/],
  ['a;b;c', /`;`/],
  ['(a; b)', /`;`/],
  ['{ a; b }', /`;`/],
  ['a && (b && (c; d))', /`;`/],
  ['a &', /`&`/, /one after the other/],
  ['a & b', /`&`|`;`/],
  ['(a &)', /`&`/],
  ['a | b', /a pipe, whose left side may fail unseen/, /\$work/],
  ['a |& b', /a pipe/],
  ['a && b | c', /a pipe/],
  ['(a | b)', /a pipe/],
  ['{ a | b }', /a pipe/],
  ['a $(b)', /`\$\(…\)`, which may fail unseen/],
  ['a "x$(b)y"', /`\$\(…\)`/],
  ['X=$(b) a', /`\$\(…\)`/],
  ['a `b`', /a backtick/],
  ['if true', /`if`, which is no command here/, /TypeScript/],
  ['for x in a', /`for`/],
  ['while true', /`while`/],
  ['set -e', /`set`/],
  ['export X=1', /`export`/],
  ['a && export X=1', /`export`/],
  ['! a', /`!`/],
  ['# a comment', /`#`/],
  ['#comment', /`#comment`/],
  ['[[ -f x ]]', /`\[\[`/],
  ['. ./file', /`\.`/],
  ['source file', /`source`/],
  ['cd x', /nothing but `cd`/, /&&/],
  ['X=1', /nothing but variables/],
  ['X=1 Y=2', /nothing but variables/],
  ['write $ou/x', /the unknown variable \$ou/, /did you mean \$out\?/],
  ['write "$OUT"', /the unknown variable \$OUT/, /did you mean \$out\?/],
  ['write ${DESTDIR}/x', /the unknown variable \$DESTDIR/, /variables are in, src, out/],
  ['a && echo $X && X=1 b', /the unknown variable \$X/],
  ['echo $1', /`\$1`, which the shell does not know/],
  ['echo $@', /`\$@`/],
  ['echo $?', /`\$\?`/],
  ['echo ${out-x}', /`\$out-x`/],
  ['a "b', /a syntax error \(.*\)/, /docs\/write-a-recipe\.md/],
  ["a 'b", /a syntax error/],
  ['a && ', /a syntax error/],
  ['&& a', /a syntax error/],
  ['a (', /a syntax error/],
  ['a <(b)', /a syntax error/],
  ['echo $!', /a syntax error/],
]

const TAKEN = [
  'unpack $src/debian $out',
  'rm -f "$out/a b" $out/*.la',
  "prune $work/root 'usr/share/{man,info}/**'",
  'write $work/board.json \'{"a":[1,2];}\'',
  "write $work/x 'a | b & c; $(d) << e'",
  'cd $work && make -j $JOBS',
  'false || true',
  '(cd x && a) && b',
  '{ a && b } > $work/log',
  'a > $work/x 2>&1',
  'a <<< text',
  'a < $src/x',
  'X=1 a',
  'X=1 && echo $X',
  'echo ${X:-default}',
  'echo $((1 + 2))',
  'a \\; b',
  '$out/usr/bin/x --version > $work/version',
  '"$in/base/usr/bin/x"',
  'sh -c "if true; then echo x; fi"',
  'echo $SOURCE_DATE_EPOCH $TMPDIR $HOME $PATH $LC_ALL $TZ',
]

describe('a step', () => {
  for (const [step, found, instead = /./] of REFUSED)
    it(`is refused: ${JSON.stringify(step)}`, () => {
      const fault = stepFault(step)
      assert.ok(fault !== undefined, 'it was taken')
      assert.match(fault[0], found)
      assert.match(fault[1], instead)
    })

  for (const step of TAKEN)
    it(`is taken: ${step}`, () => {
      assert.equal(stepFault(step), undefined)
    })
})
