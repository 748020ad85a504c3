import { Component, type ReactNode } from 'react';
import { problemOf } from '../api/problem.ts';
import { ProblemAlert } from '../problem/problem-alert.tsx';

interface State {
  readonly error: unknown;
}

/** A page that cannot be drawn or loaded says so in its place; the frame stays. */
export class PageBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return <ProblemAlert problem={problemOf(this.state.error)} retry={() => location.reload()} />;
  }
}
