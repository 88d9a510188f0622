import type { ReactNode } from 'react';
import type { DeployPlan, PreflightFinding } from '#shared/contract/service-views.ts';
import { Icon } from '../../../ui/icon/Icon.tsx';
import { Mark, type MarkShape } from '../../../ui/icon/Mark.tsx';
import { Tag } from '../../../ui/label/Tag.tsx';

type Entry = DeployPlan['entries'][number];

const actionWord: Record<Entry['action'], string> = {
  create: 'new',
  change: 'changes',
  unchanged: 'stays as it is',
  blocked: 'cannot be done',
};
const actionTone: Partial<Record<Entry['action'], 'running' | 'failed' | 'accent'>> = {
  create: 'accent',
  change: 'running',
  blocked: 'failed',
};
const checkName: Record<PreflightFinding['check'], string> = {
  engine: 'Engine',
  image: 'Image',
  architecture: 'Architecture',
  ports: 'Ports',
  disk: 'Disk',
  secrets: 'Secrets',
  configs: 'Configs',
  volumes: 'Volumes',
  dependencies: 'Dependencies',
  placement: 'Placement',
  build: 'Build',
  routes: 'Routes',
};
const verdictMark: Record<PreflightFinding['verdict'], { shape: MarkShape; word: string }> = {
  passed: { shape: 'done', word: 'passed' },
  warned: { shape: 'waiting', word: 'warning' },
  failed: { shape: 'failed', word: 'failed' },
};

/** What a plan would do, thing by thing: the differences in words, how it rolls out, and what stands against it. */
export function PlanEntries({ plan, renderAside }: { plan: DeployPlan; renderAside?: (entry: Entry) => ReactNode }) {
  return (
    <ul className="splan">
      {plan.entries.map((entry) => (
        <li key={`${entry.kind} ${entry.name}`} className="splan__entry">
          <h3>
            <span className="tertiary">{entry.kind}</span> {entry.name}{' '}
            <Tag {...toneOf(entry.action)}>{actionWord[entry.action]}</Tag>
          </h3>
          {entry.changes.length > 0 && (
            <ul className="splan__changes">
              {entry.changes.map((change) => (
                <li key={`${change.field} ${change.text}`} className={`splan__change--${change.kind}`}>
                  {withoutSign(change.text)}
                </li>
              ))}
            </ul>
          )}
          {entry.strategy !== null && entry.action !== 'unchanged' && (
            <p className="splan__strategy">
              <Icon name="loop" small /> {entry.strategy}
            </p>
          )}
          <Findings findings={entry.findings} />
          {renderAside?.(entry)}
        </li>
      ))}
    </ul>
  );
}

/** The sign stands before each line already. */
function withoutSign(text: string): string {
  return text.replace(/^[+−]/, '');
}

function Findings({ findings }: { findings: readonly PreflightFinding[] }) {
  if (findings.length === 0) return null;
  return (
    <ul className="splan__findings" aria-label="Preflight">
      {findings.map(({ check, verdict, detail }) => (
        <li key={`${check} ${detail}`}>
          <Mark shape={verdictMark[verdict].shape} label={verdictMark[verdict].word} small />
          <span>
            <span className="strong">{checkName[check]}</span>{' '}
            <span className={verdict === 'failed' ? 'splan__failed' : 'secondary'}>{detail}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function toneOf(action: Entry['action']) {
  const tone = actionTone[action];
  return tone === undefined ? {} : { tone };
}

/** Why a plan cannot be carried out; null when it can. */
export function planRefusal(plan: DeployPlan): string | null {
  const blocked = plan.entries.filter((entry) => entry.action === 'blocked');
  const failed = blocked.flatMap((entry) => entry.findings.filter((finding) => finding.verdict === 'failed'));
  if (blocked.length > 0) return failed[0]?.detail ?? `${blocked[0]?.name ?? 'It'} cannot be deployed.`;
  if (plan.entries.every((entry) => entry.action === 'unchanged')) return 'Nothing would change.';
  return null;
}
