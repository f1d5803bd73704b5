import com.netflix.appinfo.ApplicationInfoManager;
import com.netflix.appinfo.InstanceInfo;
import com.netflix.discovery.DiscoveryClient;
import com.netflix.discovery.shared.Application;
import com.netflix.discovery.shared.transport.jersey3.Jersey3TransportClientFactories;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.springframework.cloud.commons.util.InetUtils;
import org.springframework.cloud.commons.util.InetUtilsProperties;
import org.springframework.cloud.netflix.eureka.EurekaClientConfigBean;
import org.springframework.cloud.netflix.eureka.EurekaInstanceConfigBean;
import org.springframework.cloud.netflix.eureka.InstanceInfoFactory;

/**
 * Netflix's own client behind standard input and output, with the settings that Spring gives it. A command is a line of words
 * with tabs between them; its answer ends with a line that is a dot.
 *
 * <pre>
 * refresh                   reads from the server, the first time all, then changes
 * vip NAME secure|plain     one line for each instance that is UP: id host port status URL, with spaces between them
 * metadata NAME KEY         the entry of each instance
 * apps                      the names of all applications
 * </pre>
 *
 * Arguments: the service URL; whether it registers itself; then KEY=VALUE of its own metadata.
 */
public class EurekaPeer {
  public static void main(String[] arguments) throws Exception {
    EurekaClientConfigBean settings = new EurekaClientConfigBean();
    settings.setServiceUrl(new HashMap<>(Map.of("defaultZone", arguments[0])));
    settings.setRegisterWithEureka(arguments[1].equals("true"));
    settings.setInitialInstanceInfoReplicationIntervalSeconds(0);
    settings.setRegistryFetchIntervalSeconds(3600);

    EurekaInstanceConfigBean own = new EurekaInstanceConfigBean(new InetUtils(new InetUtilsProperties()));
    own.setAppname("java-peer");
    own.setVirtualHostName("java-peer");
    own.setSecureVirtualHostName("java-peer");
    own.setInstanceId("peer.example.com:java-peer:8443");
    own.setHostname("peer.example.com");
    own.setNonSecurePortEnabled(false);
    own.setSecurePortEnabled(true);
    own.setSecurePort(8443);
    own.setLeaseRenewalIntervalInSeconds(1);
    Map<String, String> metadata = new HashMap<>();
    for (int index = 2; index < arguments.length; index++) {
      String[] entry = arguments[index].split("=", 2);
      metadata.put(entry[0], entry[1]);
    }
    own.setMetadataMap(metadata);

    InstanceInfo info = new InstanceInfoFactory().create(own);
    ApplicationInfoManager manager = new ApplicationInfoManager(own, info);
    DiscoveryClient client = new DiscoveryClient(manager, settings, Jersey3TransportClientFactories.getInstance());
    manager.setInstanceStatus(InstanceInfo.InstanceStatus.UP);
    Method refresh = DiscoveryClient.class.getDeclaredMethod("refreshRegistry");
    refresh.setAccessible(true);

    System.out.println(".");
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split("\t", -1);
      switch (words[0]) {
        case "refresh" -> refresh.invoke(client);
        case "vip" -> {
          boolean isSecure = words[2].equals("secure");
          for (InstanceInfo one : client.getInstancesByVipAddress(words[1], isSecure)) {
            int port = one.isPortEnabled(InstanceInfo.PortType.SECURE) ? one.getSecurePort() : one.getPort();
            System.out.println(
                one.getInstanceId() + " " + one.getHostName() + " " + port + " " + one.getStatus() + " " + one.getHomePageUrl());
          }
        }
        case "metadata" -> {
          for (InstanceInfo one : client.getInstancesByVipAddress(words[1], true)) {
            System.out.println(one.getMetadata().get(words[2]));
          }
        }
        case "apps" -> {
          TreeSet<String> names = new TreeSet<>();
          for (Application one : client.getApplications().getRegisteredApplications()) names.add(one.getName());
          names.forEach(System.out::println);
        }
        default -> System.out.println("error " + words[0]);
      }
      System.out.println(".");
    }
  }
}
