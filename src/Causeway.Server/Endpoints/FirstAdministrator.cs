using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Causeway.Accounts;
using Causeway.Hosting;

namespace Causeway.Server.Endpoints;

/// <summary>The one-time link that makes the first administrator; new at each start until there is one.</summary>
public sealed class SetupLink(AccountStore accounts, IdSource ids)
{
    private string? _token;

    /// <summary>The link's secret, or null when there is an administrator already.</summary>
    public async Task<string?> OpenAsync() =>
        _token = await accounts.AnyAdminAsync().ConfigureAwait(false) ? null : ids.Letters(32);

    internal bool Matches(string token) => _token is { } right
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(right), Encoding.UTF8.GetBytes(token));

    internal void Close() => _token = null;
}

/// <summary>GET and POST /_causeway/setup/{token}: a page that makes the first administrator, once.</summary>
internal sealed class FirstAdministrator(SetupLink link, AccountStore accounts) : IEndpoint
{
    private readonly SemaphoreSlim _turn = new(1);

    public async Task HandleAsync(MatrixRequest request)
    {
        if (!link.Matches(request.Path("token")))
        {
            await Page.SendAsync(request.Http, 404, "Link used", "<h1>This link is no longer good</h1><p>There is an administrator already, or the server was started again: its output shows the link in force.</p>").ConfigureAwait(false);
            return;
        }

        if (request.Http.Request.Method == "GET")
        {
            await SendFormAsync(request, 200, "", null).ConfigureAwait(false);
            return;
        }

        var form = await ReadFormAsync(request).ConfigureAwait(false);
        var name = form["name"].ToString().Trim();
        var password = form["password"].ToString();
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!link.Matches(request.Path("token")))
            {
                throw Refusal.Forbidden("The link was used a moment ago.");
            }

            if (password.Length < 8)
            {
                throw Refusal.InvalidParam("Choose a password of at least 8 characters.");
            }

            var user = await accounts.CheckFreeAsync(request.Organisation, name).ConfigureAwait(false);
            await accounts.CreateAsync(request.Organisation, user, password, isAdmin: true).ConfigureAwait(false);
            link.Close();
        }
        catch (Refusal refusal)
        {
            await SendFormAsync(request, 400, name, refusal).ConfigureAwait(false);
            return;
        }
        finally
        {
            _turn.Release();
        }

        await Page.SendAsync(
            request.Http, 200, "Ready",
            $"<h1>You are the administrator</h1><p>Sign in as <b>{HtmlEncoder.Default.Encode(name)}</b> with any Matrix client. The server’s address is <b>{HtmlEncoder.Default.Encode($"{request.Http.Request.Scheme}://{request.Http.Request.Host}")}</b>.</p><p>Add people with <b>causeway user add</b>.</p>")
            .ConfigureAwait(false);
    }

    private static async Task<IFormCollection> ReadFormAsync(MatrixRequest request)
    {
        try
        {
            return request.Http.Request.HasFormContentType
                ? await request.Http.Request.ReadFormAsync(request.Aborted).ConfigureAwait(false)
                : throw Refusal.InvalidParam("This page takes its own form only.");
        }
        catch (InvalidDataException)
        {
            throw Refusal.InvalidParam("The form could not be read.");
        }
    }

    /// <summary>The form; a fault stands under its field, and the typed name is kept.</summary>
    private static Task SendFormAsync(MatrixRequest request, int status, string name, Refusal? fault)
    {
        var ofName = fault is { Code: "M_INVALID_USERNAME" or "M_USER_IN_USE" };
        return Page.SendAsync(
            request.Http, status, "Set up Causeway",
            $"""
            <h1>Set up {HtmlEncoder.Default.Encode(request.Organisation.DisplayName)}</h1>
            <p>Make the first administrator. The link works once.</p>
            <form method="post">
            {Field("name", "Name", "text", "autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\"", name, "Small letters, digits, dots: chen.wei", ofName ? fault : null, isFirst: fault is null || ofName)}
            {Field("password", "Password", "password", "minlength=\"8\" autocomplete=\"new-password\"", "", "At least 8 characters", ofName ? null : fault, isFirst: fault is not null && !ofName)}
            <button>Make administrator</button>
            </form>
            """);
    }

    private static string Field(string id, string label, string type, string more, string value, string hint, Refusal? fault, bool isFirst) =>
        $"""
        <label for="{id}">{label}</label>
        <input id="{id}" name="{id}" type="{type}" {more} required{(isFirst ? " autofocus" : "")} value="{HtmlEncoder.Default.Encode(value)}" aria-describedby="{id}-hint"{(fault is null ? "" : " aria-invalid=\"true\"")}>
        <small id="{id}-hint"{(fault is null ? "" : " role=\"alert\"")}>{HtmlEncoder.Default.Encode(fault?.Message ?? hint)}</small>
        """;
}

/// <summary>GET /: what this server is, for somebody who opens its address in a browser.</summary>
internal sealed class Home : IEndpoint
{
    public Task HandleAsync(MatrixRequest request) => Page.SendAsync(
        request.Http, 200, request.Organisation.DisplayName,
        $"<h1>{HtmlEncoder.Default.Encode(request.Organisation.DisplayName)}</h1><p>This is a Causeway server. Use its address in any Matrix client to sign in.</p>");
}

/// <summary>A small page without scripts.</summary>
internal static class Page
{
    private const string Style =
        """
        :root{color-scheme:light dark;--page:#f6f7f9;--panel:#fff;--line:#d9dce3;--text:#1b1e24;--dim:#5a6270;--accent:#2456c5;--bad:#b3261e}
        @media(prefers-color-scheme:dark){:root{--page:#16181d;--panel:#1c1f26;--line:#343a46;--text:#e8eaee;--dim:#a3abb9;--accent:#8fb0ff;--bad:#ff9a91}}
        *{box-sizing:border-box}body{margin:0;min-height:100vh;display:flex;flex-direction:column;align-items:center;background:var(--page);color:var(--text);font:14px/20px Inter,system-ui,"PingFang SC","Noto Sans CJK SC",sans-serif}
        main{width:min(400px,calc(100% - 32px));margin-top:max(32px,22vh);padding:32px;background:var(--panel);border:1px solid var(--line);border-radius:8px}
        h1{font-size:20px;line-height:28px;font-weight:600;margin:0 0 8px}p{margin:0 0 16px;color:var(--dim)}label{display:block;font-weight:500;margin:16px 0 4px}
        input{width:100%;height:44px;padding:0 12px;font:inherit;color:inherit;background:var(--page);border:1px solid var(--dim);border-radius:6px}
        button{width:100%;height:44px;margin-top:24px;font:inherit;font-weight:600;border:0;border-radius:6px;background:var(--accent);color:var(--panel);cursor:pointer}
        :focus-visible{outline:2px solid var(--accent);outline-offset:2px}main>:last-child{margin-bottom:0}b{color:var(--text);overflow-wrap:anywhere}
        small{display:block;margin-top:4px;font-size:12px;line-height:16px;color:var(--dim)}[role=alert]{color:var(--bad)}[aria-invalid]{border-color:var(--bad)}
        """;

    private static readonly string StyleHash =
        Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)));

    public static async Task SendAsync(HttpContext context, int status, string title, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'sha256-{StyleHash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers.CacheControl = "no-store";
        var html = $"""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{HtmlEncoder.Default.Encode(title)}</title><style>{Style}</style></head><body><main>{body}</main></body></html>
            """;
        var bytes = Encoding.UTF8.GetBytes(html);
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }
}
