import { expect, it } from 'vitest';
import { alarmsAfter } from './alarms.ts';
import type { HealthProblem } from './rules.ts';

const disk: HealthProblem = { alarm: 'disk-low', message: '4 GB', remedy: 'free space' };
const lag: HealthProblem = { alarm: 'lag-high', message: '901 s', remedy: 'look' };

it('raises an alarm once, and clears it when three looks found nothing', () => {
  const first = alarmsAfter([], [disk], '1');
  expect(first.begun).toEqual([disk]);
  expect(first.raised).toEqual([{ alarm: 'disk-low', message: '4 GB', since: '1', cleanLooks: 0 }]);
  const again = alarmsAfter(first.raised, [disk, lag], '2');
  expect(again.begun).toEqual([lag]);
  expect(again.raised.map(({ alarm, since }) => `${alarm} ${since}`)).toEqual(['disk-low 1', 'lag-high 2']);
  const clean = alarmsAfter(alarmsAfter(again.raised, [lag], '3').raised, [lag], '4');
  expect(clean.cleared).toEqual([]);
  const over = alarmsAfter(clean.raised, [lag], '5');
  expect(over.cleared.map(({ alarm, since }) => `${alarm} ${since}`)).toEqual(['disk-low 1']);
  expect(over.raised.map(({ alarm }) => alarm)).toEqual(['lag-high']);
});

it('takes a problem that comes and goes for one', () => {
  let { raised } = alarmsAfter([], [disk], '1');
  for (let look = 0; look < 10; look++) {
    const changes = alarmsAfter(raised, look % 3 === 0 ? [disk] : [], '2');
    expect([changes.begun, changes.cleared]).toEqual([[], []]);
    raised = changes.raised;
  }
});

it('leaves what is unchanged as it is, so that nothing has to be written', () => {
  const { raised } = alarmsAfter([], [disk], '1');
  expect(alarmsAfter(raised, [disk], '2').raised[0]).toBe(raised[0]);
});
