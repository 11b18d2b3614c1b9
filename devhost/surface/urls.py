"""The URLs of an instance and of the hub, as the durable extension hands them out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import quote

WEBHOOKS = "/runtime/webhooks/durabletask"
ID = "INSTANCEID"  # the SDK replaces it


@dataclass(frozen=True)
class Urls:
    """Where the host listens, and the key that its webhooks want."""

    base: str
    rpc: str
    hub: str
    key: str

    @property
    def port(self) -> int:
        """The host's port."""
        return int(self.base.rpartition(":")[2])

    @property
    def _query(self) -> str:
        return f"taskHub={quote(self.hub)}&connection=Storage&code={quote(self.key)}"

    def management(self, instance_id: str) -> dict[str, str]:
        """The status and management URLs of an instance."""
        one = f"{self.base}{WEBHOOKS}/instances/{instance_id}"
        return {
            "id": instance_id,
            "statusQueryGetUri": f"{one}?{self._query}",
            "sendEventPostUri": f"{one}/raiseEvent/{{eventName}}?{self._query}",
            "terminatePostUri": f"{one}/terminate?reason={{text}}&{self._query}",
            "rewindPostUri": f"{one}/rewind?reason={{text}}&{self._query}",
            "purgeHistoryDeleteUri": f"{one}?{self._query}",
            "restartPostUri": f"{one}/restart?{self._query}",
            "suspendPostUri": f"{one}/suspend?reason={{text}}&{self._query}",
            "resumePostUri": f"{one}/resume?reason={{text}}&{self._query}",
        }

    def client_binding(self) -> str:
        """The JSON that a durable client is made of."""
        create = f"{self.base}{WEBHOOKS}/orchestrators/{{functionName}}[/{{instanceId}}]?"
        wait = "timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&"
        return json.dumps(
            {
                "taskHubName": self.hub,
                "creationUrls": {
                    "createNewInstancePostUri": f"{create}code={self.key}",
                    "createAndWaitOnNewInstancePostUri": f"{create}{wait}code={self.key}",
                },
                "managementUrls": self.management(ID),
                "baseUrl": f"{self.base}{WEBHOOKS}",
                "requiredQueryStringParameters": f"code={self.key}",
                "rpcBaseUrl": f"{self.rpc}/durabletask/",
            }
        )
