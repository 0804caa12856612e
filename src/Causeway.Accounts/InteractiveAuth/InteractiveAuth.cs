using System.Collections.Concurrent;
using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Accounts;

/// <summary>
/// Interactive authentication (Client-server API, "User-Interactive Authentication API"). Sessions live in memory for a
/// while, bound to the endpoint and person they were begun for; passwords are checked and never kept.
/// </summary>
public sealed class InteractiveAuth(AccountStore accounts, IdSource ids, TimeProvider clock, RateLimiter limiter, RegistrationTokens tokens)
{
    private const int MaxSessions = 10_000;
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private long _swept = clock.GetTimestamp();

    /// <summary>The stages this server knows.</summary>
    public static class Stages
    {
        /// <summary>Nothing to prove.</summary>
        public const string Dummy = "m.login.dummy";

        /// <summary>The account's password.</summary>
        public const string Password = "m.login.password";

        /// <summary>A registration token.</summary>
        public const string RegistrationToken = "m.login.registration_token";
    }

    /// <summary>Lets the signed-in person through who proves the password again.</summary>
    public Task CheckPasswordAsync(MatrixRequest request, JsonElement body) =>
        CheckAsync(request, body, request.Requester.User, [[Stages.Password]]);

    /// <summary>
    /// Returns when one flow is complete; otherwise refuses with 401 and what is still to do. A finished session's
    /// registration token, if one was proven, is the result.
    /// </summary>
    public async Task<string?> CheckAsync(MatrixRequest request, JsonElement body, UserId? user, string[][] flows)
    {
        var purpose = $"{request.Http.Request.Method} {request.Http.Request.Path} {user?.Value}";
        if (body.FindObject("auth") is not { } auth)
        {
            throw Ask(Begin(purpose), flows, null);
        }

        Session session;
        if (auth.FindString("session") is { } id)
        {
            session = _sessions.TryGetValue(id, out var found) && found.Purpose == purpose && clock.GetElapsedTime(found.Begun) < Life
                ? found
                : throw new Refusal(400, "M_UNKNOWN", "This session is not known or over.");
        }
        else
        {
            session = Begin(purpose);
        }

        if (auth.FindString("type") is not { } type)
        {
            // A client may ask how far the session is.
            throw Ask(session, flows, null);
        }

        if (!flows.Any(f => f.Contains(type)))
        {
            throw Ask(session, flows, new Refusal(401, "M_UNRECOGNIZED", "This server does not offer that stage here."));
        }

        if (await FaultOfAsync(type, auth, user, session, request).ConfigureAwait(false) is { } fault)
        {
            throw Ask(session, flows, fault);
        }

        lock (session)
        {
            session.Completed.Add(type);
        }

        if (!flows.Any(f => f.All(session.Completed.Contains)))
        {
            throw Ask(session, flows, null);
        }

        _sessions.TryRemove(session.Id, out _);
        return session.Token;
    }

    private async Task<Refusal?> FaultOfAsync(string type, JsonElement auth, UserId? user, Session session, MatrixRequest request)
    {
        switch (type)
        {
            case Stages.Dummy:
                return null;
            case Stages.RegistrationToken:
                var token = auth.FindString("token") ?? throw Refusal.MissingParam("token");
                session.Token = token;
                return await tokens.IsValidAsync(request.Organisation, token).ConfigureAwait(false)
                    ? null
                    : new Refusal(401, "M_UNAUTHORIZED", "This registration token is not valid.");
            default:
                limiter.Check(Rate.Login, user!.Value.Value);
                var named = LoginIdentifier.Find(auth, request.Organisation);
                var right = (named is null || named == user)
                    && await accounts.VerifyAsync(await accounts.FindAsync(user.Value).ConfigureAwait(false), auth.FindString("password") ?? "").ConfigureAwait(false);
                return right ? null : new Refusal(401, "M_FORBIDDEN", "Wrong name or password.");
        }
    }

    private Session Begin(string purpose)
    {
        var now = clock.GetTimestamp();
        if (_sessions.Count > MaxSessions)
        {
            // A flood: the sessions begun by it push each other out.
            _sessions.Clear();
        }
        else if (clock.GetElapsedTime(Interlocked.Read(ref _swept), now) > TimeSpan.FromMinutes(1))
        {
            Interlocked.Exchange(ref _swept, now);
            foreach (var (id, _) in _sessions.Where(s => clock.GetElapsedTime(s.Value.Begun) > Life))
            {
                _sessions.TryRemove(id, out _);
            }
        }

        var session = new Session(ids.Letters(24), purpose, now);
        _sessions[session.Id] = session;
        return session;
    }

    private static Refusal Ask(Session session, string[][] flows, Refusal? fault) => new(401, fault?.Code ?? "", fault?.Message ?? "")
    {
        Extra = json =>
        {
            json.WriteStartArray("completed"u8);
            foreach (var stage in session.Completed)
            {
                json.WriteStringValue(stage);
            }

            json.WriteEndArray();
            json.WriteStartArray("flows"u8);
            foreach (var flow in flows)
            {
                json.WriteStartObject();
                json.WriteStartArray("stages"u8);
                foreach (var stage in flow)
                {
                    json.WriteStringValue(stage);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("params"u8);
            json.WriteEndObject();
            json.WriteString("session"u8, session.Id);
        },
    };

    private sealed class Session(string id, string purpose, long begun)
    {
        public readonly string Id = id;
        public readonly string Purpose = purpose;
        public readonly long Begun = begun;
        public readonly HashSet<string> Completed = new(StringComparer.Ordinal);
        public string? Token;
    }
}
