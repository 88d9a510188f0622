import { useMemo, useRef, useState } from 'react';
import { mainStack } from '#shared/model/service-ids.ts';
import { useProjectId } from '../../../../app/current-project.ts';
import { FileProblems } from '../../../../app/FileProblems.tsx';
import { useStream, useStreamList, useStreamPart, useStreamState } from '../../../../client/use-stream.ts';
import { Button } from '../../../../ui/button/Button.tsx';
import { Tabs } from '../../../../ui/field/Tabs.tsx';
import { Mark } from '../../../../ui/icon/Mark.tsx';
import { Dialog } from '../../../../ui/overlay/Dialog.tsx';
import { showToast } from '../../../../ui/overlay/toast-queue.ts';
import { Banner } from '../../../../ui/state/Banner.tsx';
import { Bones } from '../../../../ui/state/Bones.tsx';
import { PlanEntries } from '../PlanEntries.tsx';
import { SecretValue } from '../SecretValue.tsx';
import { asServiceId, closeServiceDialog } from '../service-dialogs.ts';
import { useDiscard } from '../use-discard.tsx';
import type { KnownNames } from './form-part.ts';
import { SpecForm } from './SpecForm.tsx';
import './deploy.css';
import { type DeployForm, type DeploySubject, useDeployForm } from './use-deploy-form.ts';

/** A new service, or the next revision of one: as form and as text, with the plan beside it. */
export default function DeployDialog({ serviceId }: { serviceId: string | null }) {
  const projectId = useProjectId();
  const input = useMemo(() => (projectId === null ? null : { projectId }), [projectId]);
  const services = useStream('service.watch', input);
  const servicesState = useStreamState(services);
  const names = useStreamPart(services, (map) =>
    map
      .list()
      .filter((service) => service.stack === mainStack)
      .map((service) => service.name),
  );
  const revisionsOf = useMemo(() => (serviceId === null ? null : { serviceId: asServiceId(serviceId) }), [serviceId]);
  const revisions = useStream('service.watchRevisions', revisionsOf);
  const revisionsState = useStreamState(revisions);
  const isReady = servicesState.state === 'ready';
  const areRevisionsReady = revisionsState.state === 'ready';
  const failed = [servicesState, revisionsState].find((state) => state.state === 'failed');
  const newest = useStreamPart(revisions, (map) =>
    map
      .list()
      .map(({ revision }) => revision)
      .reduce((last, each) => (last === null || each.number > last.number ? each : last), null as null | Newest),
  );
  const [subject, setSubject] = useState<DeploySubject | null>(null);
  if (subject === null && projectId !== null && isReady) {
    const service = serviceId === null ? undefined : services.get(serviceId);
    if (serviceId === null) {
      // What it was when it was opened stays: what is written is compared with that.
      setSubject({ projectId, stack: mainStack, spec: null, revisions: 0, taken: new Set(names) });
    } else if (areRevisionsReady && newest !== null) {
      const { spec, number } = newest;
      setSubject({ projectId, stack: service?.stack ?? mainStack, spec, revisions: number, taken: new Set() });
    }
  }
  if (subject === null) {
    return (
      <Dialog open onClose={closeServiceDialog} title={serviceId === null ? 'New service' : 'Edit the service'}>
        {failed !== undefined ? (
          <p role="alert">What is deployed now cannot be read: {failed.error.message} Close this and open it again.</p>
        ) : isReady && areRevisionsReady && serviceId !== null ? (
          <p>This service is gone. Close this, and deploy it anew if it is still wanted.</p>
        ) : (
          <Bones rows={4} />
        )}
      </Dialog>
    );
  }
  return <DeploySheet subject={subject} newestNow={newest?.number ?? 0} />;
}

type Newest = { readonly spec: NonNullable<DeploySubject['spec']>; readonly number: number };

function DeploySheet({ subject, newestNow }: { subject: DeploySubject; newestNow: number }) {
  const form = useDeployForm(subject);
  const { spec } = subject;
  const { ask, question } = useDiscard(form.dirty, closeServiceDialog);
  const known = useKnownNames(subject);
  const deploy = (): void =>
    void form.deploy((revision, unchanged, name) => {
      closeServiceDialog();
      showToast(
        unchanged
          ? { shape: 'done', text: `${name} is as it was: revision ${revision} stays.` }
          : { shape: 'running', text: `Revision ${revision} of ${name} rolls out.` },
      );
    });
  return (
    <Dialog
      open
      bare
      className="dialog--deploy"
      onClose={ask}
      title={spec === null ? 'New service' : `Edit ${spec.name}`}
      description={
        spec === null
          ? 'Nothing is touched before you deploy.'
          : `From revision ${subject.revisions}. What runs is replaced under its own update policy.`
      }
      footer={
        question ?? (
          <>
            <span className="grow deploy__reason" role="status">
              {form.reason}
            </span>
            <Button size="large" onClick={ask}>
              Cancel
            </Button>
            <Button size="large" variant="primary" disabledReason={form.reason} onClick={deploy}>
              {spec === null ? 'Deploy service' : `Deploy revision ${subject.revisions + 1}`}
            </Button>
          </>
        )
      }
    >
      <div className="deploy">
        <div className="deploy__spec">
          <Tabs
            label="The service as"
            chosen={form.mode}
            onChoose={(mode) => void form.show(mode)}
            panelClassName="deploy__panel"
            items={[
              { id: 'form', label: 'Form' },
              { id: 'text', label: 'YAML' },
            ]}
          >
            {form.refusal !== null && (
              <Banner tone="failed" urgent className="dialog__refusal" lead={<Mark shape="failed" label="Failed" />}>
                {form.refusal}
              </Banner>
            )}
            {newestNow > subject.revisions && (
              <Banner tone="waiting" className="dialog__refusal" lead={<Mark shape="waiting" label="Caution" />}>
                Revision {newestNow} has been made meanwhile. Close and open this again to start from it; this deploy
                will be refused.
              </Banner>
            )}
            {form.mode === 'form' ? (
              <SpecForm
                isNew={spec === null}
                known={known}
                draft={form.draft}
                problems={form.problems}
                onChange={form.change}
              />
            ) : (
              <SpecText form={form} />
            )}
          </Tabs>
        </div>
        <PlanPane form={form} known={known} />
      </div>
    </Dialog>
  );
}

function SpecText({ form }: { form: DeployForm }) {
  const field = useRef<HTMLTextAreaElement>(null);
  return (
    <div className="stext">
      <textarea
        ref={field}
        className="stext__area mono"
        aria-label="The service as YAML"
        aria-invalid={form.textRefusal !== null ? true : undefined}
        spellCheck={false}
        value={form.text}
        onChange={(event) => form.changeText(event.target.value)}
      />
      {form.textRefusal !== null && (
        <FileProblems
          lead={form.textProblems.length === 0 ? form.textRefusal : null}
          problems={form.textProblems}
          text={form.text}
          field={field}
        />
      )}
    </div>
  );
}

function PlanPane({ form, known }: { form: DeployForm; known: KnownNames }) {
  const { answer, isOld, problem } = form.plan;
  const missing = form.draft.secrets
    .map(({ secret }) => secret.trim())
    .filter((secret) => secret !== '' && !known.secrets.includes(secret));
  return (
    <section className="deploy__plan" aria-label="Plan" tabIndex={0}>
      <h3>What this would do</h3>
      {problem !== null && <p className="splan__failed">{problem}</p>}
      {answer === null && problem === null && (
        <p className="secondary">The plan appears here once the service has a name and an image.</p>
      )}
      {answer !== null && (
        <div className={isOld ? 'is-stale' : undefined}>
          <PlanEntries plan={answer} />
        </div>
      )}
      {missing.map((secret) => (
        <SecretValue key={secret} name={secret} onSet={form.lookAgain} />
      ))}
      {answer !== null && (
        <Button size="small" variant="quiet" icon="retry" onClick={form.lookAgain}>
          Look again
        </Button>
      )}
    </section>
  );
}

function useKnownNames({ projectId, stack }: DeploySubject): KnownNames {
  const input = useMemo(() => ({ projectId }), [projectId]);
  const secrets = useStreamList(useStream('secret.watch', input));
  const configs = useStreamList(useStream('config.watch', input));
  const volumes = useStreamList(useStream('volume.watch', input));
  const images = useStreamPart(useStream('service.watch', input), (map) =>
    map.list().map(({ image }) => image.reference),
  );
  return useMemo(
    () => ({
      secrets: secrets.map(({ name }) => name),
      configs: configs.map(({ name }) => name),
      volumes: volumes.filter((volume) => volume.stack === stack).map(({ name }) => name),
      images: [...new Set(images)],
    }),
    [secrets, configs, volumes, images, stack],
  );
}
