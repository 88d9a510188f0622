import type { ReactNode } from 'react';
import type { RollbackPlan } from '#shared/model/checkpoint.ts';
import { added, counted, removed } from '../../app/text.ts';
import { classNames } from '../../ui/class-names.ts';
import { Icon, type IconName } from '../../ui/icon/Icon.tsx';
import { Tag } from '../../ui/label/Tag.tsx';
import '../../ui/data/figure.css';
import { commitTitle, filesText, serviceNote, warningParts } from './plan-words.ts';
import { shortCommit } from './timeline-entry.ts';

const commitsShown = 8;
const lanesShown = 6;

/** What a plan does, one section each, and what to know before agreeing to it. */
export function PlanBody({ plan, old }: { plan: RollbackPlan; old: boolean }) {
  const { commits, files, services, lanes, tasks, warnings } = plan;
  const more = commits.length - commitsShown;
  return (
    <div className={classNames('plan', old && 'plan--old')} tabIndex={0} role="region" aria-label="The plan">
      {commits.length > 0 && (
        <>
          <Section icon="commit" title="Commits reverted" count={commits.length}>
            {commits.slice(0, commitsShown).map((commit) => (
              <div className="pl" key={commit.commit}>
                <span className="pl__id">
                  <code>{shortCommit(commit.commit)}</code>
                </span>
                <span className="truncate">
                  {commit.taskKey} {commitTitle(commit)}
                </span>
                <span className="pl__end">{counted(commit.files, 'file')}</span>
              </div>
            ))}
            {more > 0 && <p className="tertiary">and {more} older</p>}
          </Section>
          <Section icon="file" title="Files changed" count={files.count}>
            <div className="pl">
              <code className="truncate" title={files.sample.join('\n')}>
                {filesText(files)}
              </code>
              <span className="pl__end">
                <span className="add">{added(files.added)}</span> <span className="del">{removed(files.removed)}</span>
              </span>
            </div>
          </Section>
        </>
      )}
      {services.length > 0 && (
        <Section icon="services" title="Services" count={services.length}>
          {services.map((service) => (
            <PlannedService key={service.serviceId} service={service} />
          ))}
        </Section>
      )}
      {commits.length > 0 && (
        <>
          <Section icon="lanes" title="Lanes interrupted" count={lanes.length}>
            {lanes.length === 0 ? (
              <span className="secondary">No live lane was built on a reverted commit.</span>
            ) : (
              <>
                <div className="pl pl--wrap">
                  {lanes.slice(0, lanesShown).map((lane) => (
                    <Tag key={lane.laneId}>
                      <span className="pl__lane truncate">
                        {lane.number} {lane.title}
                      </span>
                    </Tag>
                  ))}
                  {lanes.length > lanesShown && <Tag>{lanes.length - lanesShown} more</Tag>}
                </div>
                <p className="tertiary">Built on a reverted commit. Work is saved, then its task starts again.</p>
              </>
            )}
          </Section>
          <Section icon="tasks" title="Tasks reopened" count={tasks.length}>
            <div className="pl">
              <span className="pl__id truncate" title={tasks.map((task) => task.key).join(', ')}>
                {tasks.length === 0 ? (
                  <span className="secondary">None.</span>
                ) : (
                  tasks.map((task) => task.key).join(', ')
                )}
              </span>
              {tasks.length > 0 && <span className="pl__end">ready, same priority</span>}
            </div>
          </Section>
        </>
      )}
      {warnings.length > 0 && (
        <div className="warn">
          {warnings.map((warning) => {
            const { weighty, rest } = warningParts(warning);
            return (
              <div className="warn__row" key={warning}>
                <Icon name={weighty.startsWith('Auto-merge') ? 'pause' : 'alert'} />
                <div>
                  <b>{weighty}</b>
                  {rest}
                </div>
              </div>
            );
          })}
        </div>
      )}
    </div>
  );
}

function PlannedService({ service }: { service: RollbackPlan['services'][number] }) {
  const { name, fromRevision, toRevision } = service;
  const { what, how } = serviceNote(service);
  return (
    <div className="pl">
      <span className="pl__id">{name}</span>
      <span className="truncate" title={service.note ?? undefined}>
        {fromRevision === null ? `to revision ${toRevision}` : `revision ${fromRevision} → ${toRevision}`}
        {what !== null && `, ${what}`}
      </span>
      <span className="pl__end">{how}</span>
    </div>
  );
}

function Section({
  icon,
  title,
  count,
  children,
}: {
  icon: IconName;
  title: string;
  count: number;
  children: ReactNode;
}) {
  return (
    <section className="plan__sec">
      <h3>
        <Icon name={icon} small />
        {title}
        <b>{count}</b>
      </h3>
      <div className="plan__body">{children}</div>
    </section>
  );
}
