import { describe, expect, it } from 'vitest';
import { PenstockError } from '../../errors/penstock-error.ts';
import { connectionError, isRefused, serverErrorNumber, sourceError } from './errors.ts';

function driver(message: string, errorNum: number, code: string): Error {
  return Object.assign(new Error(message), { errorNum, code });
}

function oracle(errorNum: number, text = 'said'): Error {
  const code = `ORA-${errorNum.toString().padStart(5, '0')}`;
  return driver(`${code}: ${text}\nHelp: https://docs.oracle.com/error-help/db/${code}/`, errorNum, code);
}

describe('an error of the server', () => {
  it.each([
    [1291, 'PS2006'],
    [1284, 'PS2006'],
    [310, 'PS2010'],
    [1555, 'PS2012'],
    [1466, 'PS2012'],
    [1017, 'PS2003'],
    [28000, 'PS2003'],
    [1031, 'PS2004'],
    [6550, 'PS2004'],
    [942, 'PS1005'],
    [904, 'PS1006'],
    [1034, 'PS2002'],
    [257, 'PS2002'],
    [28040, 'PS2005'],
    [65040, 'PS2005'],
    [28, 'PS2010'],
    [923, 'PS2009'],
  ])('ORA-%i is %s', (number, code) => {
    const failure = sourceError(oracle(number), 'read SHOP.ORD', 'SHOP.ORD');
    expect(failure).toMatchObject({ code, table: 'SHOP.ORD' });
    expect(serverErrorNumber(oracle(number))).toBe(number);
  });

  it('keeps its message without the link, and says what mends it', () => {
    const failure = sourceError(oracle(1284, "file '/arch/1.arc' cannot be opened"), 'mine');
    expect(failure.message).toContain("mine: ORA-01284: file '/arch/1.arc' cannot be opened");
    expect(failure.message).not.toContain('https');
    expect(failure).toMatchObject({ remedy: expect.stringContaining('REGISTER LOGFILE') as string });
  });

  it('leaves out a message that can hold a value', () => {
    const failure = sourceError(oracle(12899, 'value too large: "secret"'), 'read SHOP.ORD');
    expect(failure.message).toContain('ORA-12899');
    expect(failure.message).not.toContain('secret');
    expect(failure.cause).toBeUndefined();
  });

  it('knows a missing right', () => {
    expect(isRefused(oracle(942))).toBe(true);
    expect(isRefused(oracle(1291))).toBe(false);
    expect(isRefused(new Error('x'))).toBe(false);
  });
});

describe('an error of the driver', () => {
  it.each([
    ['NJS-503', 'PS2002'],
    ['NJS-506', 'PS2002'],
    ['NJS-518', 'PS2002'],
    ['NJS-500', 'PS2010'],
    ['NJS-003', 'PS2010'],
    ['NJS-533', 'PS2005'],
    ['NJS-019', 'PS2009'],
  ])('%s is %s', (code, expected) => {
    expect(sourceError(driver(`${code}: said`, 0, code), 'read')).toMatchObject({ code: expected });
  });

  it('of a connection that was lost while it was made says that the server was not there', () => {
    expect(connectionError(driver('NJS-521: end', 0, 'NJS-521'), 'connect')).toMatchObject({ code: 'PS2002' });
  });

  it('is left as it is where it is ours already, or an abort', () => {
    const ours = new PenstockError('PS2001', 'other');
    expect(sourceError(ours, 'read')).toBe(ours);
    const abort = new DOMException('stop', 'AbortError');
    expect(sourceError(abort, 'read')).toBe(abort);
  });
});
