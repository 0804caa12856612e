using Causeway.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causeway.Search;

/// <summary>The two entry points of Search.</summary>
public static class SearchSetup
{
    /// <summary>Adds the services of Search.</summary>
    public static IServiceCollection AddSearch(this IServiceCollection services, SearchOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<MessageIndex>();
        services.AddSingleton<PeopleIndex>();
        services.AddSingleton<PeopleFinder>();
        services.AddSingleton<MessageFinder>();
        services.AddSingleton<SearchAnswer>();
        services.AddSingleton<Indexer>();
        services.AddSingleton(s => new SearchIndex(s.GetRequiredService<Indexer>()));
        services.AddHostedService(s => s.GetRequiredService<Indexer>());
        return services;
    }

    /// <summary>Maps the endpoints of Search.</summary>
    public static void MapSearch(this IEndpointRouteBuilder routes)
    {
        routes.MapMatrix<SearchMessages>("POST /_matrix/client/v3/search", Access.User, Rate.Other);
        routes.MapMatrix<SearchPeople>("POST /_matrix/client/v3/user_directory/search", Access.User, Rate.Other);
    }
}
