"""A SignalR hub on loopback, in place of Azure SignalR Service: serverless mode, JSON hub protocol, WebSockets, users."""
