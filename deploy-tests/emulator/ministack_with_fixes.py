"""Starts the emulator with the fixes below, each for a defect that a case in emulator/defects/ shows.

The rule that a fix restores is AWS's own documentation or behaviour, named beside it. Nothing here is part of the product:
the same templates and the same bundles deploy to AWS. `MINISTACK_FIXES=0` starts the emulator as it is published.
"""

import contextvars
import copy
import os

from ministack.app import main

# True while a failed update is being sent back: a nested stack then returns to the template it had, not to the one that
# its TemplateURL now holds.
SENDING_BACK = contextvars.ContextVar("sending_back", default=False)

STACK = "AWS::CloudFormation::Stack"


def has_nested_stacks(template):
    resources = (template or {}).get("Resources") or {}
    return any((res or {}).get("Type") == STACK for res in resources.values())


def apply_fixes():
    from ministack.services import cloudformation as cfn
    from ministack.services.cloudformation import handlers, helpers, provisioners, stacks

    # 1. "When you apply template changes to update a top-level stack, CloudFormation updates the top-level stack and
    #    initiates an update to its nested stacks": also when the parent's own template did not change.
    published_no_updates = handlers._stack_has_no_updates

    def stack_has_no_updates(stack, template, *args, **kwargs):
        return not has_nested_stacks(template) and published_no_updates(stack, template, *args, **kwargs)

    handlers._stack_has_no_updates = stack_has_no_updates

    # 2. The same rule one level down: a nested stack whose properties (TemplateURL, Parameters) are equal is still updated.
    # 3. A resource of a nested stack that did not change keeps its attributes (Fn::GetAtt).
    published_update = provisioners._update_resource

    def update_resource(resource_type, physical_id, old_props, new_props, stack_name, logical_id=None, old_attrs=None):
        if resource_type == STACK:
            return provisioners._cfn_nested_stack_update(physical_id, old_props, new_props, stack_name)
        if old_attrs is None:
            record = (cfn._stacks.get(stack_name) or {}).get("_resources", {}).get(logical_id) or {}
            old_attrs = record.get("Attributes")
        return published_update(resource_type, physical_id, old_props, new_props, stack_name, logical_id, old_attrs)

    provisioners._update_resource = update_resource
    stacks._update_resource = update_resource

    # 4. "If the value returned differs, CloudFormation recognizes the update as a replacement and sends a delete request to
    #    the old resource" (crpg-ref-requesttypes-update): in nested stacks too.
    published_custom_update = provisioners._custom_resource_update

    def custom_resource_update(physical_id, old_props, new_props, stack_name, logical_id=None, **kwargs):
        new_id, attrs = published_custom_update(
            physical_id, old_props, new_props, stack_name, logical_id=logical_id, **kwargs)
        in_nested_stack = provisioners._DEFERRED_PREDECESSOR_DELETES.get() is None
        if new_id != physical_id and in_nested_stack:
            provisioners._custom_resource_delete(
                physical_id, old_props, stack_name=stack_name, logical_id=logical_id, **kwargs)
        return new_id, attrs

    provisioners._custom_resource_update = custom_resource_update

    # 5. A nested stack that fails rolls back with its parent: what a failed create made is deleted, and a failed update
    #    returns every resource to the template and parameters it had.
    published_deploy = provisioners._cfn_nested_stack_deploy
    published_resolve = helpers._resolve_template

    def deploy_from_body(body, *args, **kwargs):
        helpers._resolve_template = lambda params: (body, None)
        try:
            return published_deploy(*args, **kwargs)
        finally:
            helpers._resolve_template = published_resolve

    def nested_stack_deploy(logical_id, props, parent, previous_physical_id=None, previous_props=None):
        before = copy.deepcopy(cfn._stacks.get(previous_physical_id)) if previous_physical_id else None
        known = set(cfn._stacks)
        arguments = (logical_id, props, parent)
        options = {"previous_physical_id": previous_physical_id, "previous_props": previous_props}
        if SENDING_BACK.get() and before and before.get("_template_before"):
            return deploy_from_body(before["_template_before"], *arguments, **options)
        try:
            answer = published_deploy(*arguments, **options)
        except Exception:
            if before:
                token = SENDING_BACK.set(True)
                try:
                    deploy_from_body(before["_template_body"], logical_id, previous_props or props, parent, **options)
                finally:
                    SENDING_BACK.reset(token)
            else:
                for name in set(cfn._stacks) - known:
                    if cfn._stacks[name].get("_parent_stack_name") == parent:
                        provisioners._cfn_nested_stack_delete(name, props)
            raise
        if before:
            cfn._stacks[previous_physical_id]["_template_before"] = before["_template_body"]
        return answer

    provisioners._cfn_nested_stack_deploy = nested_stack_deploy
    published_sends_back = stacks._sends_back_failed_update
    stacks._sends_back_failed_update = lambda rtype: rtype != STACK and published_sends_back(rtype)
    published_revert = stacks._revert_update

    async def revert_update(*args, **kwargs):
        token = SENDING_BACK.set(True)
        try:
            return await published_revert(*args, **kwargs)
        finally:
            SENDING_BACK.reset(token)

    stacks._revert_update = revert_update


if __name__ == "__main__":
    if os.environ.get("MINISTACK_FIXES") != "0":
        apply_fixes()
    main()
