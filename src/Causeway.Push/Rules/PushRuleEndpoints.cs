using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Push;

/// <summary>GET /_matrix/client/v3/pushrules/ and /pushrules/global/. Client-server API, "Push rules: API".</summary>
internal sealed class GetPushRules(PushRules rules) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var own = await rules.GetAsync(request.Requester.User).ConfigureAwait(false);
        var onlyGlobal = request.Http.Request.Path.Value!.Contains("/global", StringComparison.Ordinal);
        await request.ReplyAsync(json =>
        {
            if (onlyGlobal)
            {
                own.WriteTo(json);
                return;
            }

            json.WriteStartObject();
            json.WritePropertyName("global"u8);
            own.WriteTo(json);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}. Client-server API, "Push rules: API".</summary>
internal sealed class GetPushRule(PushRules rules) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var rule = await PushRulePath.RuleAsync(request, rules).ConfigureAwait(false);
        await request.ReplyAsync(rule).ConfigureAwait(false);
    }
}

/// <summary>PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}. Client-server API, "Push rules: API".</summary>
internal sealed class SetPushRule(PushRules rules) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        await PushRulePath.ChangeAsync(request, rules, (own, kind, id) =>
            own.WithRule(kind, id, body.Bytes, request.Query("before"), request.Query("after"))).ConfigureAwait(false);
    }
}

/// <summary>DELETE /_matrix/client/v3/pushrules/global/{kind}/{ruleId}. Client-server API, "Push rules: API".</summary>
internal sealed class DeletePushRule(PushRules rules) : IEndpoint
{
    public Task HandleAsync(MatrixRequest request) =>
        PushRulePath.ChangeAsync(request, rules, (own, kind, id) => own.WithoutRule(kind, id));
}

/// <summary>GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled. Client-server API, "Push rules: API".</summary>
internal sealed class GetPushRuleEnabled(PushRules rules) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var rule = JsonDocument.Parse(await PushRulePath.RuleAsync(request, rules).ConfigureAwait(false));
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("enabled"u8, rule.RootElement.GetProperty("enabled").GetBoolean());
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled. Client-server API, "Push rules: API".</summary>
internal sealed class SetPushRuleEnabled(PushRules rules) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var enabled = body.Root.FindBool("enabled") ?? throw Refusal.MissingParam("enabled");
        await PushRulePath.ChangeAsync(request, rules, (own, kind, id) => own.WithEnabled(kind, id, enabled)).ConfigureAwait(false);
    }
}

/// <summary>GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions. Client-server API, "Push rules: API".</summary>
internal sealed class GetPushRuleActions(PushRules rules) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var rule = JsonDocument.Parse(await PushRulePath.RuleAsync(request, rules).ConfigureAwait(false));
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("actions"u8);
            rule.RootElement.GetProperty("actions").WriteTo(json);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions. Client-server API, "Push rules: API".</summary>
internal sealed class SetPushRuleActions(PushRules rules) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var actions = body.Root.FindArray("actions") ?? throw Refusal.MissingParam("actions");
        var bytes = System.Text.Encoding.UTF8.GetBytes(actions.GetRawText());
        await PushRulePath.ChangeAsync(request, rules, (own, kind, id) => own.WithActions(kind, id, bytes)).ConfigureAwait(false);
    }
}

internal static class PushRulePath
{
    /// <summary>The rule that the path names, as JSON; M_NOT_FOUND when there is none.</summary>
    public static async ValueTask<byte[]> RuleAsync(MatrixRequest request, PushRules rules)
    {
        var own = await rules.GetAsync(request.Requester.User).ConfigureAwait(false);
        using var buffer = new PooledBuffer();
        using (var json = JsonReply.Writer(buffer))
        {
            if (!own.TryWriteRule(json, Kind(request), request.Path("ruleId")))
            {
                throw Refusal.NotFound("There is no such push rule.");
            }
        }

        return buffer.Written.ToArray();
    }

    /// <summary>Changes the person's rules and answers; a fault of the rule gets the standard's error.</summary>
    public static async Task ChangeAsync(
        MatrixRequest request, PushRules rules, Func<PushRuleset, PushRuleKind, string, PushRuleset> change)
    {
        var kind = Kind(request);
        try
        {
            await rules.ChangeAsync(request.Requester.User, own => change(own, kind, request.Path("ruleId"))).ConfigureAwait(false);
        }
        catch (PushRuleException e)
        {
            throw e.Fault switch
            {
                PushRuleFault.NotFound => Refusal.NotFound(e.Message),
                PushRuleFault.Malformed => Refusal.BadJson(e.Message),
                PushRuleFault.TooLarge => Refusal.TooLarge(e.Message),
                PushRuleFault.UnknownNeighbour => new Refusal(400, "M_UNKNOWN", e.Message),
                _ => Refusal.InvalidParam(e.Message),
            };
        }

        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }

    private static PushRuleKind Kind(MatrixRequest request) => PushRuleKinds.TryParse(request.Path("kind"), out var kind)
        ? kind
        : throw Refusal.InvalidParam("This is not a kind of push rule.");
}
