"""Starts the emulator with the fixes below, each for a defect that a case in emulator/defects/ shows.

The rule that a fix restores is AWS's own documentation or behaviour, named beside it. Nothing here is part of the product:
the same templates and the same bundles deploy to AWS. `MINISTACK_FIXES=0` starts the emulator as it is published.
"""

import base64
import contextvars
import copy
import json
import os

from ministack.app import main

# True while a failed update is being sent back: a nested stack then returns to the template it had, not to the one that
# its TemplateURL now holds.
SENDING_BACK = contextvars.ContextVar("sending_back", default=False)

STACK = "AWS::CloudFormation::Stack"

# What the session token of a function's credentials begins with; the ARN of its role follows.
ROLE_SESSION = "session-of:"


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
    # 9. A resource of a nested stack that did not change keeps its attributes (Fn::GetAtt).
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

    # 3. "If the value returned differs, CloudFormation recognizes the update as a replacement and sends a delete request to
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

    # 4. A nested stack that fails rolls back with its parent: what a failed create made is deleted, and a failed update
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


def apply_appsync_fixes():
    from ministack.core import appsync_graphql, appsync_js, node_pool
    from ministack.services import appsync, dynamodb
    from ministack.services.cloudformation import provisioners

    # 5. AWS::AppSync::FunctionConfiguration makes the function that a pipeline resolver names, with its code.
    def function_body(props):
        body = {name[:1].lower() + name[1:]: value for name, value in props.items() if name != "ApiId"}
        runtime = body.get("runtime") or {}
        return {**body, "runtime": {"name": runtime.get("Name"), "runtimeVersion": runtime.get("RuntimeVersion")}}

    def store_function(props, function_id):
        api_id = props.get("ApiId", "")
        record = appsync._function_record(api_id, function_id, function_body(props))
        appsync._functions.setdefault(api_id, {})[function_id] = record

    handlers = provisioners._RESOURCE_HANDLERS["AWS::AppSync::FunctionConfiguration"]
    published_create, published_update = handlers["create"], handlers["update"]

    def create_function(logical_id, props, stack_name):
        arn, attrs = published_create(logical_id, props, stack_name)
        store_function(props, attrs["FunctionId"])
        return arn, attrs

    def update_function(physical_id, old_props, new_props, stack_name):
        arn, attrs = published_update(physical_id, old_props, new_props, stack_name)
        store_function(new_props, attrs["FunctionId"])
        return arn, attrs

    def delete_function(physical_id, props):
        appsync._functions.get(props.get("ApiId", ""), {}).pop(physical_id.rsplit("/", 1)[-1], None)

    handlers.update(create=create_function, update=update_function, delete=delete_function)

    # 6. A DynamoDB data source does what request() returned: conditions, key expressions, indexes, limits and pages
    #    (resolver-reference-dynamodb), and its errors have the type `DynamoDB:…`.
    def expression_of(part, name):
        found = {name: part["expression"]} if part and part.get("expression") else {}
        if part and part.get("expressionNames"):
            found["ExpressionAttributeNames"] = part["expressionNames"]
        if part and part.get("expressionValues"):
            found["ExpressionAttributeValues"] = part["expressionValues"]
        return found

    def call(action, data):
        status, _, body = getattr(dynamodb, f"_{action}")(data)
        answer = json.loads(body) if body else {}
        if status >= 400:
            name = str(answer.get("__type", "InternalFailure")).split("#")[-1]
            raise appsync._AppSyncResolverError(answer.get("message") or answer.get("Message") or name, f"DynamoDB:{name}")
        return answer

    def run_operation(api_id, data_source, request, ctx):
        table = data_source.get("dynamodbConfig", {}).get("tableName", "")
        operation, key = request.get("operation"), request.get("key") or {}
        if operation == "GetItem":
            data = {"TableName": table, "Key": key, "ConsistentRead": bool(request.get("consistentRead"))}
            item = call("get_item", data).get("Item")
            return appsync._ddb_plain({"M": item}) if item else None
        if operation == "PutItem":
            item = {**key, **(request.get("attributeValues") or {})}
            call("put_item", {"TableName": table, "Item": item,
                              **expression_of(request.get("condition"), "ConditionExpression")})
            return appsync._ddb_plain({"M": item})
        if operation == "UpdateItem":
            data = {"TableName": table, "Key": key, "ReturnValues": "ALL_NEW"}
            for part, name in ((request.get("update"), "UpdateExpression"),
                               (request.get("condition"), "ConditionExpression")):
                for member, value in expression_of(part, name).items():
                    data[member] = {**data.get(member, {}), **value} if isinstance(value, dict) else value
            item = call("update_item", data).get("Attributes")
            return appsync._ddb_plain({"M": item}) if item else None
        if operation in ("Query", "Scan"):
            data = {"TableName": table, **expression_of(request.get("query"), "KeyConditionExpression")}
            for name, member in (("index", "IndexName"), ("limit", "Limit"), ("consistentRead", "ConsistentRead"),
                                 ("scanIndexForward", "ScanIndexForward")):
                if request.get(name) is not None:
                    data[member] = request[name]
            if request.get("nextToken"):
                data["ExclusiveStartKey"] = json.loads(base64.b64decode(request["nextToken"]))
            answer = call(operation.lower(), data)
            last = answer.get("LastEvaluatedKey")
            return {
                "items": [appsync._ddb_plain({"M": item}) for item in answer.get("Items", [])],
                "scannedCount": answer.get("ScannedCount", 0),
                "nextToken": base64.b64encode(json.dumps(last).encode()).decode() if last else None,
            }
        raise appsync._AppSyncResolverError(f"{operation} is not used here", "NotImplemented")

    appsync._ds_dynamodb_in_region = run_operation

    # 11. `ctx.env` has the API's variables in every handler, those of a pipeline resolver too (resolver-context-reference-js).
    # 12. `util.authType()` and `ctx.identity` say how the caller has authenticated: signed requests are IAM's, and a function's
    #     are those of a session of its role (fix 13).
    api_of_request = contextvars.ContextVar("api_of_request", default=None)
    published_resolve_js = appsync._resolve_appsync_js
    published_context = appsync._js_ctx

    def resolve_js(api_id, *args, **kwargs):
        token = api_of_request.set(api_id)
        try:
            return published_resolve_js(api_id, *args, **kwargs)
        finally:
            api_of_request.reset(token)

    def identity_of(security_token):
        if not security_token.startswith(ROLE_SESSION):
            return {"accountId": "000000000000", "userArn": "arn:aws:iam::000000000000:user/test", "username": "test"}
        arn = security_token[len(ROLE_SESSION):]
        account, role = arn.split(":")[4], arn.rsplit("/", 1)[-1]
        return {"accountId": account, "userArn": f"arn:aws:sts::{account}:assumed-role/{role}/function", "username": f"{role}:function"}

    def context_of(args, identity, source, request_headers, *others, **kwargs):
        ctx = published_context(args, identity, source, request_headers, *others, **kwargs)
        headers = {name.lower(): value for name, value in (request_headers or {}).items()}
        is_signed = str(headers.get("authorization", "")).startswith("AWS4-HMAC-SHA256")
        if is_signed and not ctx["identity"]:
            ctx["identity"] = identity_of(headers.get("x-amz-security-token", ""))
        ctx["authType"] = "IAM Authorization" if is_signed else "API Key Authorization"
        env = appsync._api_env(api_of_request.get()) if api_of_request.get() else {}
        return {**ctx, "env": env} if env else ctx

    appsync._resolve_appsync_js = resolve_js
    appsync._js_ctx = context_of
    script = appsync_js._WORKER_SCRIPT.replace(
        "entry.state.appended = [];", "entry.state.appended = []; entry.state.authType = ctx.authType;")
    appsync_js._pool = node_pool.NodeWorkerPool(
        script, log_prefix="appsync-js", logger=appsync_js.logger, timeout=appsync_js._EVAL_TIMEOUT,
        max_old_space_mb=appsync_js._MAX_OLD_SPACE_MB, recycle_after=appsync_js._RECYCLE_AFTER,
        max_idle=appsync_js._MAX_IDLE)

    # 7. AWSJSON is text outside and the value that it holds in a resolver (scalars, AWSJSON).
    published_build = appsync_graphql.build_api_schema

    def build_api_schema(api_id, sdl):
        schema = published_build(api_id, sdl)
        scalar = schema.type_map["AWSJSON"]
        scalar.parse_value = json.loads
        scalar.parse_literal = lambda node, variables=None: json.loads(node.value)
        scalar.serialize = lambda value: value if isinstance(value, str) else json.dumps(value)
        return schema

    appsync_graphql.build_api_schema = build_api_schema


def apply_lambda_fixes():
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    # 13. A function's credentials are those of a session of its execution role (lambda-intro-execution-role). The token says
    #     which one, so that fix 12 can tell.
    published_credentials = lambda_runtime.execution_credentials

    def execution_credentials(config):
        return {**published_credentials(config), "AWS_SESSION_TOKEN": ROLE_SESSION + config.get("Role", "")}

    lambda_runtime.execution_credentials = execution_credentials
    lambda_svc.execution_credentials = execution_credentials


def apply_cross_account_fixes():
    from ministack.core.arn import ArnParseError, parse_arn
    from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
    from ministack.core.responses import get_account_id, get_region, request_scope
    from ministack.services import lambda_svc
    from ministack.services.cloudformation import custom_resource

    # 14. A custom resource calls a function of another account where that function's policy lets the stack's account in
    #     (AWS::CloudFormation::CustomResource, access-control-resource-based), and the function sees the alias by which it was
    #     called (nodejs-context).
    token_of_event = contextvars.ContextVar("token_of_event", default=None)
    published_find = lambda_svc._get_func_record_for_ref
    published_invoke = custom_resource.invoke_custom_resource

    def is_let_in(arn, account, region):
        name = arn.resource.split(":")[1]
        function = lambda_svc._functions.get_scoped(arn.account_id, arn.region, name) or {}
        context = EvalContext(
            principal_arn=f"arn:aws:iam::{account}:root",
            principal_type="Root",
            principal_account=account,
            action="lambda:InvokeFunction",
            resource_arn=str(arn),
            region=region,
        )
        return evaluate_resource_policy(function.get("policy"), context).decision == "Allow"

    def find_function(reference):
        if reference != token_of_event.get():
            return published_find(reference)
        arn, account = parse_arn(reference), get_account_id()
        if arn.account_id != account and not is_let_in(arn, account, get_region()):
            raise RuntimeError(f"arn:aws:iam::{account}:root is not authorized to perform: lambda:InvokeFunction on resource: {reference}")
        with request_scope(arn.account_id, arn.region):
            function, config, name = published_find(reference)
        return function, config and {**config, "FunctionArn": reference}, name

    def invoke_custom_resource(request_type, logical_id, props, *args, **kwargs):
        try:
            token = parse_arn(props.get("ServiceToken", "")) and props["ServiceToken"]
        except ArnParseError:
            token = None
        reset = token_of_event.set(token)
        try:
            return published_invoke(request_type, logical_id, props, *args, **kwargs)
        finally:
            token_of_event.reset(reset)

    lambda_svc._get_func_record_for_ref = find_function
    custom_resource.invoke_custom_resource = invoke_custom_resource


def apply_owner_fixes():
    from ministack import app
    from ministack.core import responses
    from ministack.services import apigateway, apigateway_v1, cloudfront

    # 15. Whoever asks an API or a distribution by its host is answered by the account that has it, whatever account the
    #     caller is of.
    def find_distribution_for_label(label):
        for (account, _), found in list(cloudfront._distributions._data.items()):
            if found.get("DomainName", "").lower() == f"{label}.cloudfront.net":
                responses._request_account_id.set(account)
                return found
        return None

    published_handle = app._handle_execute_api_request

    async def handle_execute_api_request(host, path, *args, **kwargs):
        parsed = app._parse_execute_api_url(host, path)
        for store in (apigateway._apis, apigateway_v1._rest_apis):
            for account, region, api_id in list(store._data):
                if parsed and api_id == parsed[0]:
                    responses._request_account_id.set(account)
                    responses._request_region.set(region)
        return await published_handle(host, path, *args, **kwargs)

    cloudfront.find_distribution_for_label = find_distribution_for_label
    app._handle_execute_api_request = handle_execute_api_request


def apply_appsync_domains():
    from ministack import app
    from ministack.services.cloudformation import provisioners

    # 16. AppSync answers at custom domains: AWS::AppSync::DomainName, and DomainNameApiAssociation, which says which API answers
    #     there and is changed in place.
    names, apis = set(), {}

    def create_name(logical_id, props, stack_name):
        name = props["DomainName"]
        if name in names:
            raise ValueError(f"{name} exists already")
        names.add(name)
        return name, {"DomainName": name, "AppSyncDomainName": f"d-{name.replace('.', '-')}.cloudfront.net", "HostedZoneId": "Z2FDTNDATAQYW2"}

    def associate(physical_id, props):
        if props["DomainName"] not in names:
            raise ValueError(f"There is no domain name {props['DomainName']}")
        apis[props["DomainName"]] = props["ApiId"]
        return physical_id, {"ApiAssociationIdentifier": physical_id}

    handlers = provisioners._RESOURCE_HANDLERS
    handlers["AWS::AppSync::DomainName"] = {
        "create": create_name,
        "delete": lambda physical_id, props: names.discard(physical_id),
    }
    handlers["AWS::AppSync::DomainNameApiAssociation"] = {
        "create": lambda logical_id, props, stack_name: associate(f"{props['DomainName']}/ApiAssociation", props),
        "update": lambda physical_id, old_props, new_props, stack_name: associate(physical_id, new_props),
        "delete": lambda physical_id, props: apis.pop(props["DomainName"], None),
    }
    published_app = app.app

    async def app_at_domains(scope, receive, send):
        headers = list(scope.get("headers") or [])
        host = next((value.decode().split(":")[0] for name, value in headers if name.lower() == b"host"), "")
        if scope["type"] != "http" or host not in names:
            return await published_app(scope, receive, send)
        if host not in apis:
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"application/json")]})
            return await send({"type": "http.response.body", "body": b'{"message":"Not Found"}'})
        own = f"{apis[host]}.appsync-api.us-east-1.amazonaws.com".encode()
        routed = [(name, own if name.lower() == b"host" else value) for name, value in headers]
        return await published_app({**scope, "headers": routed}, receive, send)

    app.app = app_at_domains


def apply_api_gateway_fixes():
    from ministack.services import apigateway_v1

    # 8. `x-amazon-apigateway-any-method` of an imported OpenAPI document is the method ANY.
    published_import = apigateway_v1._import_path_item

    def import_path_item(api_id, path, path_item, scheme_map=None, default_security=None):
        published_import(api_id, path, path_item, scheme_map, default_security)
        operation = path_item.get("x-amazon-apigateway-any-method")
        if operation is not None:
            wanted = "/" + path.strip("/")
            resource_id = next(key for key, resource in apigateway_v1._resources[api_id].items()
                               if resource.get("path") == wanted)
            apigateway_v1._import_operation(api_id, resource_id, "ANY", operation, scheme_map, default_security)

    apigateway_v1._import_path_item = import_path_item


def apply_cloudfront_fixes():
    from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
    from ministack.services import s3

    # 10. CloudFront asks an S3 origin by HTTPS when it signs (private-content-restricting-access-to-s3): to the bucket's
    #     policy aws:SecureTransport is true.
    published_allows = s3._cloudfront_origin_allows

    def origin_allows(owner, bucket_name, key, source_arn, oai_id):
        if published_allows(owner, bucket_name, key, source_arn, oai_id):
            return True
        policy = s3._bucket_policies.get_scoped(owner, None, bucket_name)
        if not policy or not source_arn or oai_id:
            return False
        context = EvalContext(
            principal_arn="*",
            principal_type="Service",
            principal_account="",
            action="s3:GetObject",
            resource_arn=f"arn:aws:s3:::{bucket_name}/{key}",
            region=s3.get_region(),
            secure_transport=True,
            service_context={"aws:sourcearn": source_arn},
        )
        return evaluate_resource_policy(policy, context, service="cloudfront.amazonaws.com").decision == "Allow"

    s3._cloudfront_origin_allows = origin_allows


if __name__ == "__main__":
    if os.environ.get("MINISTACK_FIXES") != "0":
        apply_fixes()
        apply_appsync_fixes()
        apply_lambda_fixes()
        apply_cross_account_fixes()
        apply_owner_fixes()
        apply_appsync_domains()
        apply_api_gateway_fixes()
        apply_cloudfront_fixes()
    main()
