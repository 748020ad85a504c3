import * as z from 'zod';

/**
 * How the pages sign somebody in: OpenID Connect, authorization code with PKCE, as a public client. Nothing here is secret; where
 * there is a sign-in it is served at {@link SIGN_IN_PATH} to everybody. On one machine there is none.
 */
export const signInSettings = z.strictObject({
  /** As tokens and the discovery document name it. */
  issuer: z.url(),
  clientId: z.string().min(1),
  /** As the provider wants it, such as `openid profile`; `offline_access` where that is what gives refresh tokens. */
  scope: z.string().min(1),
  /** Which token calls carry. */
  bearer: z.enum(['access', 'id']),
  /** Further parameters of the authorization request, such as `audience`. */
  parameters: z.record(z.string(), z.string()),
  /** Null: as the issuer's discovery document has them. */
  endpoints: z
    .strictObject({
      authorization: z.url(),
      token: z.url(),
      revocation: z.url().nullable(),
      signOut: z.url().nullable(),
    })
    .nullable(),
  /** What the sign-out endpoint calls the address to come back to; Cognito has a name of its own. */
  signOutReturn: z.enum(['logout_uri', 'post_logout_redirect_uri']),
  /** Origins that the pages connect to for it: of the discovery document and of the token endpoint. */
  origins: z.array(z.url()),
});
export type SignInSettings = z.infer<typeof signInSettings>;

export const SIGN_IN_PATH = '/sign-in.json';
/** Where the provider sends the browser back to: one of the pages' own paths. Registered with the provider. */
export const SIGNED_IN_PATH = '/signed-in';
