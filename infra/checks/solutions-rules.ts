import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { acknowledgedRules } from './acknowledged-rules.ts';

/** A rule and what exactly it found: `AwsSolutions-IAM5[Resource::*]`. */
const FINDING = /^([^[]+)\[.*\]$/s;

/**
 * cdk-nag's AwsSolutions rules. Its rule on wildcards wants a reason for every ARN by itself, written with the logical names of the
 * templates; here a reason for a construct counts for all wildcards of its policies, because tests hold those to reviewed lists.
 */
export class SolutionsRules implements IPolicyValidationPlugin {
  readonly name = 'AwsSolutions';
  readonly #app: IConstruct;
  readonly #rules: AwsSolutionsChecks;

  constructor(app: IConstruct) {
    this.#app = app;
    this.#rules = new AwsSolutionsChecks(app);
  }

  validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const report = this.#rules.validate(context);
    const violations = report.violations.flatMap((violation) => {
      const [, rule] = FINDING.exec(violation.ruleName) ?? [];
      if (rule === undefined) return [violation];
      const violatingResources = violation.violatingResources.filter(
        ({ constructPath }) => constructPath === undefined || !this.#hasReason(constructPath, rule),
      );
      return violatingResources.length === 0 ? [] : [{ ...violation, violatingResources }];
    });
    return { ...report, success: violations.length === 0, violations };
  }

  /** Whether the construct at `path`, or one that it belongs to, says why it does not keep `rule`. */
  #hasReason(path: string, rule: string): boolean {
    let node: IConstruct | undefined = this.#app;
    for (const id of path.split('/')) {
      node = node.node.tryFindChild(id);
      if (node === undefined) return false;
      if (acknowledgedRules(node).some((acknowledged) => acknowledged.rule === rule)) return true;
    }
    return false;
  }
}
