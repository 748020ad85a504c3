import { expect, test } from 'vitest';
import { securityHeaders } from './response-headers.ts';

const policyOf = (signIn: readonly string[] | null): string => securityHeaders(signIn)['content-security-policy'] ?? '';

test('pages without a sign-in ask their own server alone', () => {
  expect(policyOf(null)).toContain("connect-src 'self';");
  expect(securityHeaders(null)).not.toHaveProperty('strict-transport-security');
});

test('with a sign-in they also ask its origins, each named once, and come by TLS only', () => {
  const origins = ['https://identity.example.com/tenant', 'https://identity.example.com', 'https://token.example.com'];
  expect(policyOf(origins)).toContain("connect-src 'self' https://identity.example.com https://token.example.com;");
  expect(policyOf(origins)).toContain("script-src 'self';");
  expect(securityHeaders([])).toHaveProperty('strict-transport-security');
});
