using Causeway.Accounts;
using Causeway.Calls;
using Causeway.Encryption;
using Causeway.Hosting;
using Causeway.Media;
using Causeway.Push;
using Causeway.Rooms;
using Causeway.Search;
using Causeway.Server.Endpoints;
using Causeway.Server.Local;
using Causeway.Storage;
using Causeway.Streams;
using Causeway.Sync;
using Microsoft.Extensions.Logging.Console;

namespace Causeway.Server;

/// <summary>Puts the rooms of the house together.</summary>
public static class CausewayApp
{
    /// <summary>Every migration of every room, in the order of the house.</summary>
    public static IEnumerable<Migration> Migrations =>
        [.. LogSchema.Migrations, .. AccountsSchema.Migrations, .. RoomsSchema.Migrations, .. EncryptionSchema.Migrations,
            .. MediaSchema.Migrations, .. CallsSchema.Migrations, .. PushSchema.Migrations, .. SearchSchema.Migrations];

    /// <summary>
    /// Opens the store, brings its schema up to date, loads the organisations and returns an application that is ready
    /// to be run. Dispose it with <see cref="CloseAsync"/>.
    /// </summary>
    /// <param name="options">The settings.</param>
    /// <param name="configure">A test's changes to the services: a clock, ids, faults.</param>
    /// <param name="faults">A test's storage faults.</param>
    public static async Task<WebApplication> BuildAsync(
        ServerOptions options, Action<IServiceCollection>? configure = null, StorageFaults? faults = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        // No appsettings.json and no ASPNETCORE_* variables: the settings are ours (Settings.cs), and no file is watched.
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection();
        builder.Logging.ClearProviders().AddSimpleConsole(o =>
        {
            o.SingleLine = true;
            o.ColorBehavior = LoggerColorBehavior.Disabled;
            o.TimestampFormat = "yyyy-MM-ddTHH:mm:ssZ ";
            o.UseUtcTimestamp = true;
        });
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.AddServerHeader = false;
            k.Limits.MaxRequestBodySize = 64 << 20;
            k.Limits.MaxConcurrentConnections = null;
            k.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(3);
        });
        builder.Host.ConfigureHostOptions(o => o.ShutdownTimeout = TimeSpan.FromSeconds(3));

        var database = await Database.OpenAsync(new StorageOptions
        {
            DataFolder = options.Data,
            PostgresConnection = options.Database,
            Faults = faults,
        }).ConfigureAwait(false);
        try
        {
            await Migrator.ApplyAsync(database, Migrations).ConfigureAwait(false);
            await EventIndex.CatchUpAsync(database).ConfigureAwait(false);
            var socket = LocalSocket.Prepare(options.Data);
            var services = builder.Services;
            services.AddRoutingCore();
            services.AddSingleton(options);
            services.AddSingleton(database);
            var tail = new LogTail();
            var notifier = new Notifier();
            services.AddSingleton(tail);
            services.AddSingleton(notifier);
            services.AddHosting(new HostingOptions
            {
                RateLimits = options.RateLimits,
                AllowQueryTokens = options.QueryTokens,
                LocalSocket = socket,
                Outbound = new OutboundOptions { Allow = options.OutboundAllow },
            });
            services.AddAccounts(new AccountsOptions
            {
                Registration = options.Registration,
                Guests = options.Guests,
                RegistrationSharedSecret = options.RegistrationSharedSecret,
                PasswordIterations = options.PasswordIterations,
            });
            services.AddRooms();
            services.AddEncryption();
            services.AddMedia(new MediaOptions
            {
                Folder = DataFolder.MediaFolder(Path.GetFullPath(options.Data)),
                ObjectStorage = options.MediaS3,
                MaxUploadBytes = options.MaxUpload,
                AccountQuotaBytes = options.MediaQuota,
                TotalQuotaBytes = options.MediaQuotaTotal,
                Unauthenticated = options.UnauthenticatedMedia,
                UrlPreviews = options.UrlPreviews,
                PreviewLanguages = options.PreviewLanguages,
            });
            services.AddCalls(options.Calls);
            services.AddPush(new PushOptions { PublicUrl = Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var publicUrl) ? publicUrl : null });
            services.AddSearch(new SearchOptions { UserDirectory = options.UserDirectory });
            services.AddSync();
            services.AddSingleton<SetupLink>();
            configure?.Invoke(services);

            var log = await LogWriter.StartAsync(database, tail, notifier).ConfigureAwait(false);
            services.AddSingleton(log);
            var app = builder.Build();
            log.UseLogger(app.Services.GetRequiredService<ILogger<LogWriter>>());
            await app.Services.GetRequiredService<OrganisationStore>().LoadAsync(options.ServerName).ConfigureAwait(false);
            foreach (var url in options.Listen.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                app.Urls.Add(url);
            }

            app.Urls.Add("http://unix:" + socket);
            app.Lifetime.ApplicationStarted.Register(() => LocalSocket.Protect(socket));
            app.Lifetime.ApplicationStopping.Register(notifier.Close);
            Map(app);
            return app;
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops the application: commits what waits, then closes the store.</summary>
    public static async Task CloseAsync(WebApplication app)
    {
        var log = app.Services.GetRequiredService<LogWriter>();
        var database = app.Services.GetRequiredService<Database>();
        await app.DisposeAsync().ConfigureAwait(false);
        await log.DisposeAsync().ConfigureAwait(false);
        await database.DisposeAsync().ConfigureAwait(false);
    }

    private static void Map(WebApplication app)
    {
        app.UseMatrixConventions();
        app.UseRouting();
        app.MapServer();
        app.MapAccounts();
        app.MapRooms();
        app.MapEncryption();
        app.MapMedia();
        app.MapCalls();
        app.MapPush();
        app.MapSearch();
        app.MapSync();
        app.MapLocal();
    }
}
