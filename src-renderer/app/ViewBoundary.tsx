import { Component, type ReactNode } from 'react';
import { Button } from '../ui/button/Button.tsx';
import { Blank } from '../ui/state/Blank.tsx';
import { errorText } from './use-call.ts';

/** Keeps a view that breaks from taking the window with it. */
export class ViewBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <Blank
        roomy
        shape="failed"
        title="This view has stopped working."
        actions={<Button onClick={() => this.setState({ error: null })}>Show it again</Button>}
      >
        <p>Lanes and the control plane are not affected. {errorText(this.state.error)}</p>
      </Blank>
    );
  }
}
