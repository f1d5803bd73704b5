import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.HashMap;
import java.util.Map;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;
import org.apache.curator.x.discovery.ServiceInstanceBuilder;
import org.apache.curator.x.discovery.UriSpec;
import org.apache.curator.x.discovery.details.JsonInstanceSerializer;

/**
 * Curator's own service discovery behind standard input and output. A command is a line of words with tabs between them; its
 * answer ends with a line that is a dot.
 *
 * <pre>
 * register NAME ID ADDRESS PORT SSL_PORT URI_SPEC PAYLOAD      an empty word is null; PAYLOAD is none, typed or map
 * unregister NAME ID
 * names
 * query NAME PAYLOAD      one line for each instance: id address port sslPort URI, with spaces between them
 * </pre>
 */
public class CuratorPeer {
  /** A payload of somebody's own class. */
  public static class Details {
    public String version = "2.1.0";
    public Map<String, String> metadata = Map.of("team", "a");
  }

  private static CuratorFramework client;
  private static String basePath;
  private static final Map<String, ServiceDiscovery<Object>> discoveries = new HashMap<>();
  private static final Map<String, ServiceInstance<Object>> own = new HashMap<>();

  public static void main(String[] arguments) throws Exception {
    client = CuratorFrameworkFactory.newClient(arguments[0], new RetryOneTime(100));
    basePath = arguments[1];
    client.start();
    client.blockUntilConnected();
    System.out.println("ready\n.");
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      try {
        run(line.split("\t", -1));
      } catch (Exception error) {
        System.out.println("error " + error);
      }
      System.out.println(".");
    }
    client.close();
  }

  private static void run(String[] words) throws Exception {
    switch (words[0]) {
      case "register" -> register(words);
      case "unregister" -> discover("none").unregisterService(own.remove(words[1] + "/" + words[2]));
      case "names" -> discover("none").queryForNames().forEach(System.out::println);
      case "query" -> {
        for (ServiceInstance<Object> one : discover(words[2]).queryForInstances(words[1])) {
          System.out.println(
              one.getId() + " " + one.getAddress() + " " + one.getPort() + " " + one.getSslPort() + " " + one.buildUriSpec());
        }
      }
      default -> throw new IllegalArgumentException(words[0]);
    }
  }

  private static void register(String[] words) throws Exception {
    ServiceInstanceBuilder<Object> builder = ServiceInstance.builder();
    builder.name(words[1]).id(words[2]).address(words[3]);
    if (!words[4].isEmpty()) builder.port(Integer.parseInt(words[4]));
    if (!words[5].isEmpty()) builder.sslPort(Integer.parseInt(words[5]));
    if (!words[6].isEmpty()) builder.uriSpec(new UriSpec(words[6]));
    if (words[7].equals("typed")) builder.payload(new Details());
    if (words[7].equals("map")) builder.payload(new HashMap<>(Map.of("version", "1.2.3", "weight", "7", "priority", "high")));
    ServiceInstance<Object> instance = builder.build();
    discover(words[7]).registerService(instance);
    own.put(words[1] + "/" + words[2], instance);
  }

  /** Curator's client for one class of payloads, which it casts each one to. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static ServiceDiscovery<Object> discover(String payload) throws Exception {
    ServiceDiscovery<Object> known = discoveries.get(payload);
    if (known != null) return known;
    Class<?> type = payload.equals("typed") ? Details.class : payload.equals("map") ? Map.class : Void.class;
    ServiceDiscovery<Object> discovery =
        ServiceDiscoveryBuilder.builder((Class<Object>) type)
            .client(client)
            .basePath(basePath)
            .serializer(new JsonInstanceSerializer(type))
            .build();
    discovery.start();
    discoveries.put(payload, discovery);
    return discovery;
  }
}
