import { expect, test } from 'vitest';
import { consoleEnvironment } from './console-environment.ts';

const signIn = {
  issuer: 'https://identity.example.com',
  clientId: 'penstock',
  scope: 'openid',
  bearer: 'access',
  parameters: {},
  endpoints: null,
  signOutReturn: 'post_logout_redirect_uri',
  origins: ['https://identity.example.com'],
};
const variables = {
  PENSTOCK_CONSOLE: 's3://assets/console.json',
  PENSTOCK_BUCKET: 'bucket',
  PENSTOCK_TABLE: 'table',
  PENSTOCK_SIGN_IN: JSON.stringify(signIn),
};

test('the environment of the function is read', () => {
  expect(consoleEnvironment(variables)).toEqual({
    document: { bucket: 'assets', key: 'console.json' },
    bucket: 'bucket',
    table: 'table',
    signIn,
  });
});

test('what is missing or not JSON is named', () => {
  expect(() => consoleEnvironment({ ...variables, PENSTOCK_TABLE: undefined })).toThrow(/PENSTOCK_TABLE/);
  expect(() => consoleEnvironment({ ...variables, PENSTOCK_SIGN_IN: 'x' })).toThrow(/PENSTOCK_SIGN_IN/);
});
