using Causeway.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causeway.Accounts;

/// <summary>The two entry points of Accounts.</summary>
public static class AccountsSetup
{
    /// <summary>Adds the services of Accounts.</summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services, AccountsOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<OrganisationStore>();
        services.AddSingleton<IOrganisationResolver>(s => s.GetRequiredService<OrganisationStore>());
        services.AddSingleton<PasswordHasher>();
        services.AddSingleton<AccountStore>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<IAuthenticator>(s => s.GetRequiredService<SessionStore>());
        services.AddSingleton<RegistrationTokens>();
        services.AddSingleton<InteractiveAuth>();
        services.AddSingleton<ProfileStore>();
        services.AddSingleton<ProfileFields>();
        services.AddSingleton<ProfileChange>();
        services.AddSingleton<AccountDataStore>();
        services.AddSingleton<Tags>();
        services.AddSingleton<FilterStore>();
        return services;
    }

    /// <summary>Maps the endpoints of Accounts.</summary>
    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        const string user = "/_matrix/client/v3/user/{userId}";
        routes.MapMatrix<Register>("POST /_matrix/client/v3/register", Access.None, Rate.Login);
        routes.MapMatrix<RegisterAvailable>("GET /_matrix/client/v3/register/available", Access.None, Rate.Login);
        routes.MapMatrix<TokenValidity>("GET /_matrix/client/v1/register/m.login.registration_token/validity", Access.None, Rate.Login);
        var secret = "/_synapse/admin/v1/register";
        routes.MapMatrix<SharedSecretRegister>([$"GET {secret}", $"POST {secret}"], Access.None);

        routes.MapMatrix<LoginFlows>("GET /_matrix/client/v3/login", Access.None);
        routes.MapMatrix<Login>("POST /_matrix/client/v3/login", Access.None, Rate.Login);
        routes.MapMatrix<Refresh>("POST /_matrix/client/v3/refresh", Access.None, Rate.Login);
        routes.MapMatrix<Logout>("POST /_matrix/client/v3/logout", Access.Guest);
        routes.MapMatrix<LogoutAll>("POST /_matrix/client/v3/logout/all", Access.Guest);
        routes.MapMatrix<WhoAmI>("GET /_matrix/client/v3/account/whoami", Access.Guest, Rate.Other);
        routes.MapMatrix<ChangePassword>("POST /_matrix/client/v3/account/password", Access.User, Rate.Login);
        routes.MapMatrix<DeactivateAccount>("POST /_matrix/client/v3/account/deactivate", Access.User, Rate.Login);

        routes.MapMatrix<ListThirdPartyIds>("GET /_matrix/client/v3/account/3pid", Access.User);
        routes.MapMatrix<AdminLock>(["GET /_matrix/client/v1/admin/lock/{userId}", "PUT /_matrix/client/v1/admin/lock/{userId}"], Access.Admin);
        routes.MapMatrix<AdminSuspend>(["GET /_matrix/client/v1/admin/suspend/{userId}", "PUT /_matrix/client/v1/admin/suspend/{userId}"], Access.Admin);
        routes.MapMatrix<WhoIs>("GET /_matrix/client/v3/admin/whois/{userId}", Access.User);

        routes.MapMatrix<ListDevices>("GET /_matrix/client/v3/devices", Access.Guest);
        routes.MapMatrix<GetDevice>("GET /_matrix/client/v3/devices/{deviceId}", Access.Guest);
        routes.MapMatrix<SetDevice>("PUT /_matrix/client/v3/devices/{deviceId}", Access.Guest);
        routes.MapMatrix<DeleteDevice>("DELETE /_matrix/client/v3/devices/{deviceId}", Access.User);
        routes.MapMatrix<DeleteDevices>("POST /_matrix/client/v3/delete_devices", Access.User);

        routes.MapMatrix<GetProfile>("GET /_matrix/client/v3/profile/{userId}", Access.None);
        const string field = "/_matrix/client/v3/profile/{userId}/{keyName}";
        const string oldField = "/_matrix/client/unstable/uk.tcpip.msc4133/profile/{userId}/{keyName}";
        routes.MapMatrix<GetProfileField>([$"GET {field}", $"GET {oldField}"], Access.None);
        routes.MapMatrix<SetProfileField>([$"PUT {field}", $"PUT {oldField}"], Access.Guest, Rate.Other);
        routes.MapMatrix<DeleteProfileField>([$"DELETE {field}", $"DELETE {oldField}"], Access.Guest, Rate.Other);

        routes.MapMatrix<GetAccountData>([$"GET {user}/account_data/{{type}}", $"GET {user}/rooms/{{roomId}}/account_data/{{type}}"], Access.Guest);
        routes.MapMatrix<SetAccountData>([$"PUT {user}/account_data/{{type}}", $"PUT {user}/rooms/{{roomId}}/account_data/{{type}}"], Access.Guest);
        routes.MapMatrix<GetTags>($"GET {user}/rooms/{{roomId}}/tags", Access.User);
        routes.MapMatrix<SetTag>($"PUT {user}/rooms/{{roomId}}/tags/{{tag}}", Access.User);
        routes.MapMatrix<DeleteTag>($"DELETE {user}/rooms/{{roomId}}/tags/{{tag}}", Access.User);
        routes.MapMatrix<AddFilter>($"POST {user}/filter", Access.Guest);
        routes.MapMatrix<GetFilter>($"GET {user}/filter/{{filterId}}", Access.Guest);
    }
}
