import type { ConsoleHost, ConsoleInstance } from '../console-host.ts';
import type { Settings, settingsEndpoints } from '../schemas/settings.ts';
import { findInstance } from './find-instance.ts';
import type { HandlersOf } from './handler.ts';

export function settingsRoutes(console: ConsoleHost): HandlersOf<keyof typeof settingsEndpoints> {
  return {
    'GET /instances/{name}/settings': async ({ parameters }) => view(await findInstance(console, parameters)),
    'PATCH /instances/{name}/settings': async ({ parameters, body, note }) => {
      const instance = await findInstance(console, parameters);
      note(Object.keys(body).join(', '));
      const { icon, userDefined, kept } = await instance.notes.read();
      await instance.notes.write({
        kept,
        icon: body.icon ?? icon,
        userDefined: body.userDefined === undefined ? userDefined : body.userDefined,
      });
      return view(instance);
    },
    'GET /instances/{name}/audit': async ({ parameters, query }) => {
      const { audit } = await findInstance(console, parameters);
      const { items, next } = await audit.list(query.after ?? null, query.limit);
      return { items: [...items], next };
    },
  };
}

async function view(instance: ConsoleInstance): Promise<Settings> {
  const { name, notes, about } = instance;
  const { icon, userDefined } = await notes.read();
  return { instance: { name, icon }, userDefined, metadata: await instance.metadata(), ...about };
}
