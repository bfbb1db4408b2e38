"""What went wrong at the service, in a few words for people, and what they may try."""

from __future__ import annotations

from toil_azure.accounts import ACCOUNT_KEY, CONNECTION_STRING, CREDENTIALS_FILE, ENDPOINT, IDENTITY, SECTION, Account
from toil_azure.door.refusal import NO_SUCH_HOST, NO_TOKEN, NOT_TRUSTED, ServiceError

_CREDENTIALS = {"AuthenticationFailed", "InvalidAuthenticationInfo", "AuthorizationFailure"}
_PERMISSIONS = {
    "AuthorizationPermissionMismatch",
    "AuthorizationResourceTypeMismatch",
    "AuthorizationServiceMismatch",
    "InsufficientAccountPermissions",
}
_ANONYMOUS = {"NoAuthenticationInformation", "PublicAccessNotPermitted", "ResourceNotFound"}
_LOOK_UP = "Look its word up: https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes"
_CURES = {
    NOT_TRUSTED: f"Check {ENDPOINT} and the certificates of this machine",
    "AccountIsDisabled": "The account's owner must enable it",
    "AuthorizationProtocolMismatch": f"Use https in {ENDPOINT}",
    "AuthorizationSourceIPMismatch": "The account lets only some networks in: run there, or ask its owner",
    "BlobArchived": "It is in the archive tier: have it rehydrated first",
    "BlobImmutableDueToPolicy": "The account's owner has forbidden to change it: ask for the policy to end",
    "ContainerBeingDeleted": "Wait a minute, then try again",
    "InvalidHeaderValue": "It may be older than the client library: start Azurite with --skipApiVersionCheck",
    "LeaseIdMissing": "Somebody holds a lease on it: break the lease, or wait for its end",
    "RequestTimeTooSkewed": "Set this machine's clock",
}


def explained(error: ServiceError, account: Account) -> tuple[str, str]:
    """Reason and cure, neither with a secret in it."""
    code, source = error.code, account.source
    if error.status in (401, 403, 404, 409) and not source and code in _ANONYMOUS | _CREDENTIALS:
        return "there are no credentials for its account", how_to_log_in(account.name)
    if code == NO_TOKEN:
        return error.reason, f"Try: az login. {_with_a_key(account.name)}"
    if code in _CREDENTIALS or error.status == 401:
        return f"{error.reason}: the credentials from {source} are refused", _check(account)
    if code == "KeyBasedAuthenticationNotPermitted":
        cure = "Unset it and log in by azure-identity: pip install 'toil-azure[identity]'"
        return f"its account takes no keys, and {source} has one", cure
    if code in _PERMISSIONS or (error.status == 403 and code not in _CURES):
        return f"{error.reason}: permission is missing", (
            f"Ask the owner of {account.name} for the role Storage Blob Data Contributor"
        )
    if code == NO_SUCH_HOST:
        return error.reason, f'Is there an account "{account.name}"? If it is in another cloud, set {ENDPOINT}'
    if code in _CURES:
        return error.reason, _CURES[code]
    if not error.status:
        return error.reason, f"Check the network and the way to {account.endpoint}, then try again"
    if error.status == 404:
        return error.reason, f'Is there an account "{account.name}"?'
    return error.reason, "Try again later" if error.wait_seconds is not None else _LOOK_UP


def how_to_log_in(name: str) -> str:
    """The ways to have credentials for an account."""
    return f"{_with_a_key(name)}, or log in by azure-identity: pip install 'toil-azure[identity]'"


def _with_a_key(name: str) -> str:
    return f"Set {ACCOUNT_KEY}, or write {name}=KEY below [{SECTION}] in {CREDENTIALS_FILE}"


def _check(account: Account) -> str:
    if account.source == IDENTITY:
        return f"Try: az login; or set {ACCOUNT_KEY}"
    what = {CREDENTIALS_FILE: f"the key of {account.name} in {CREDENTIALS_FILE}"}.get(account.source, account.source)
    ended = ", and whether its signature has expired" if account.source == CONNECTION_STRING else ""
    return f"Check {what}{ended}, and the clock of this machine"
