/** Writes resources in Gantry's own format: what `read-gantry.ts` reads back as the same. */
import { stringify } from 'yaml';
import { configWord, secretWord, volumeWord } from './read-gantry.ts';
import type { Resources } from './resources.ts';
import { serviceWord } from './service-words.ts';
import type { Plain } from './word.ts';

/** One YAML document a resource: what services are given first, then the services. */
export function writeGantry({
  services,
  secrets,
  configs,
  volumes,
}: Omit<Resources, 'unsupported' | 'warnings'>): string {
  const documents = [
    ...secrets.map((secret) => document('Secret', secretWord.write(secret))),
    ...configs.map((config) => document('Config', configWord.write(config))),
    ...volumes.map((volume) => document('Volume', volumeWord.write(volume))),
    ...services.map((service) => document('Service', serviceWord.write(service))),
  ];
  return documents.join('---\n');
}

function document(kind: string, fields: Plain): string {
  return stringify({ kind, ...(fields as Record<string, Plain>) }, { lineWidth: 0 });
}
